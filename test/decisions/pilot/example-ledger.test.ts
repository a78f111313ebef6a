// Proves: the ledger of examples/pilot is the one that test/support/example-ledger.ts makes, and has no faults.
import { expect, it } from "vitest";
import { exampleLedger } from "../../support/example-ledger.ts";
import { read } from "../../support/ledger.ts";

it("is made anew to the byte", async () => {
  await expect(exampleLedger()).toMatchFileSnapshot("../../../examples/pilot/ledger.csv");
});

it("holds thirty days of both options without a finding", () => {
  const { rows, findings } = read(exampleLedger());
  expect(findings).toEqual([]);
  expect(new Set(rows?.map(({ day, option }) => `${day} ${option}`)).size).toBe(60);
});
