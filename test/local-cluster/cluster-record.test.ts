// Proves: one command finds what another wrote down about a cluster, and a damaged record counts for none.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newRecord, readRecord, recordedProcesses, writeRecord } from "../../local-cluster/cluster-record.ts";
import { Layout } from "../../local-cluster/layout.ts";

let layout: Layout;
beforeEach(() => {
  layout = new Layout(mkdtempSync(path.join(tmpdir(), "freehold-record-")));
});
afterEach(() => rmSync(layout.directory, { recursive: true }));

const etcd = { pid: 12, startTime: "boot 99", commandHash: "0123456789abcdef" };

it("is read as it was written, by its owner only", () => {
  const record = { ...newRecord(), complete: true, port: 6443, socketFolder: "/tmp/s", uid: "u", processes: { etcd } };
  writeRecord(layout, record);
  expect(readRecord(layout)).toEqual(record);
  expect(statSync(layout.record).mode & 0o777).toBe(0o600);
});

it("has a name of its own for each cluster and is not complete at first", () => {
  expect(newRecord().id).toMatch(/^[0-9a-f]{8}$/);
  expect(newRecord().id).not.toBe(newRecord().id);
  expect(newRecord().complete).toBe(false);
});

it.each([
  ["there is none", undefined],
  ["it was cut off", '{"formatVersion": 1, "proc'],
  ["another version wrote it", '{"formatVersion": 2, "processes": {}}'],
  ["it is another thing", "[]"],
  ["it is nothing", "null"],
  ["its processes are nothing", '{"formatVersion": 1, "processes": null}'],
])("counts for none when %s", (_, text) => {
  if (text !== undefined) writeFileSync(layout.record, text);
  expect(readRecord(layout)).toBeUndefined();
});

it("lists the processes in the order in which they start", () => {
  const record = { ...newRecord(), processes: { kwok: { ...etcd, pid: 14 }, etcd } };
  expect(recordedProcesses(record).map(({ name, process }) => [name, process.pid])).toEqual([
    ["etcd", 12],
    ["kwok", 14],
  ]);
});
