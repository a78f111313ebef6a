import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLock } from "../../../config/lock/parse.ts";
import type { Lock } from "../../../config/lock/schema.ts";
import { lockHash, lockText } from "../../../config/lock/write.ts";
import { digestOf, lockOf } from "../../support/lock.ts";

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const resolvedAt = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
const source = fc.constantFrom("https://huggingface.co", "https://registry-1.docker.io");
const digests = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}\/[a-z]{1,8}:[A-Za-z0-9.]{1,8}$/),
  fc.record({ digest: hex(64).map((digits) => `sha256:${digits}`), source, resolvedAt }),
);
const file = fc.record({ bytes: fc.nat(), sha256: hex(64) }, { requiredKeys: ["bytes"] });
const weights = fc.dictionary(
  fc.stringMatching(/^[A-Za-z]{1,8}\/[A-Za-z0-9.]{1,8}@[a-z0-9/]{1,8}$/),
  fc.record({
    commit: hex(40),
    files: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_: #-]{1,12}\.json$/), file),
    source,
    resolvedAt,
  }),
);
const locks: fc.Arbitrary<Lock> = fc.record({
  lockVersion: fc.constant(1 as const),
  stack: fc.constantFrom("demo/test", "null/true"),
  images: digests,
  weights,
  charts: digests,
});

describe("a lock as text", () => {
  it("reads back as the same lock", () => {
    fc.assert(
      fc.property(locks, (lock) => {
        const { lock: read, findings } = parseLock(lockText(lock));
        expect(findings).toEqual([]);
        expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(lock)));
      }),
    );
  });

  it("keeps a commit of digits alone as text", () => {
    const entry = { commit: "1".repeat(40), files: {}, source: "s", resolvedAt: "2026-11-01T00:00:00.000Z" };
    expect(parseLock(lockText(lockOf({ weights: { "a/b@main": entry } }))).lock?.weights["a/b@main"]?.commit).toBe(
      "1".repeat(40),
    );
  });

  it("does not depend on the order in which entries were resolved", () => {
    const image = { digest: digestOf("a"), source: "https://ghcr.io", resolvedAt: "2026-11-01T00:00:00.000Z" };
    const one = lockOf({ images: { "b:1": image, "a:1": { ...image } } });
    const other = lockOf({ images: { "a:1": { ...image }, "b:1": image } });
    expect(lockText(one)).toBe(lockText(other));
  });

  it("says what it is, who writes it, and one fact a line", () => {
    const image = { digest: digestOf("a"), source: "https://ghcr.io", resolvedAt: "2026-11-01T00:00:00.000Z" };
    expect(lockText(lockOf({ images: { "ghcr.io/acme/engine:v1": image } }))).toMatchInlineSnapshot(`
      "# Written by \`freehold lock\`; do not edit. Image tags and charts as digests, models as commits with their files,
      # each with who answered and when. What is deployed comes from here. Run \`freehold lock --check\` to see what has moved.
      lockVersion: 1
      stack: demo/test
      images:
        ghcr.io/acme/engine:v1:
          digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          resolvedAt: 2026-11-01T00:00:00.000Z
          source: https://ghcr.io
      weights: {}
      charts: {}
      "
    `);
  });
});

describe("the hash of a lock", () => {
  it("is the same however the content is spelled", () => {
    fc.assert(
      fc.property(locks, (lock) => {
        const text = lockText(lock);
        const respelled = JSON.stringify(lock);
        expect(lockHash(respelled)).toBe(lockHash(text));
        expect(lockHash(`${text}# reviewed\n`)).toBe(lockHash(text));
      }),
    );
  });

  it("differs when a digest does", () => {
    const image = { digest: digestOf("a"), source: "https://ghcr.io", resolvedAt: "2026-11-01T00:00:00.000Z" };
    const moved = { ...image, digest: digestOf("b") };
    expect(lockHash(lockText(lockOf({ images: { "a:1": image } })))).not.toBe(
      lockHash(lockText(lockOf({ images: { "a:1": moved } }))),
    );
  });

  it("is 64 hexadecimal digits even of a text that is no lock", () => {
    expect(lockHash("not a lock")).toMatch(/^[0-9a-f]{64}$/);
  });
});
