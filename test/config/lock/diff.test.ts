import { describe, expect, it } from "vitest";
import { diffLock } from "../../../config/lock/diff.ts";
import { digestOf, lockOf } from "../../support/lock.ts";

const resolvedAt = "2026-11-01T00:00:00.000Z";
const image = (digit: string) => ({ digest: digestOf(digit), source: "https://ghcr.io", resolvedAt });
const weights = (digit: string, files: Record<string, { bytes: number }>) => ({
  commit: digit.repeat(40),
  files,
  source: "https://huggingface.co",
  resolvedAt,
});

describe("the difference of two locks", () => {
  it("names what was added, removed and moved, in order", () => {
    const previous = lockOf({ images: { "b:1": image("1"), "c:1": image("2"), "d:1": image("3") } });
    const next = lockOf({ images: { "a:1": image("4"), "b:1": image("1"), "c:1": image("5") } });
    expect(diffLock(previous, next)).toEqual([
      { section: "images", key: "a:1", kind: "added", from: null, to: digestOf("4"), bytes: null },
      { section: "images", key: "c:1", kind: "moved", from: digestOf("2"), to: digestOf("5"), bytes: null },
      { section: "images", key: "d:1", kind: "removed", from: digestOf("3"), to: null, bytes: null },
    ]);
  });

  it("tells the size of weights before and after", () => {
    const previous = lockOf({ weights: { "a/b@main": weights("1", { "model.safetensors": { bytes: 10 } }) } });
    const next = lockOf({
      weights: { "a/b@main": weights("2", { "model.safetensors": { bytes: 30 }, "config.json": { bytes: 2 } }) },
    });
    expect(diffLock(previous, next)).toEqual([
      {
        section: "weights",
        key: "a/b@main",
        kind: "moved",
        from: "1".repeat(40),
        to: "2".repeat(40),
        bytes: { from: 10, to: 32 },
      },
    ]);
  });

  it("notices other files of the same commit", () => {
    const previous = lockOf({ weights: { "a/b@main": weights("1", { "model.safetensors": { bytes: 10 } }) } });
    const next = lockOf({ weights: { "a/b@main": weights("1", { "model.safetensors": { bytes: 11 } }) } });
    expect(diffLock(previous, next).map(({ kind }) => kind)).toEqual(["files"]);
  });

  it("is empty when only the mirror and the date differ", () => {
    const previous = lockOf({ images: { "a:1": image("1") } });
    const next = lockOf({
      images: { "a:1": { ...image("1"), source: "https://mirror", resolvedAt: "2026-12-01T00:00:00.000Z" } },
    });
    expect(diffLock(previous, next)).toEqual([]);
  });

  it("calls everything added when there was no lock", () => {
    expect(diffLock(null, lockOf({ charts: { "oci://a.b/c:1": image("1") } })).map(({ kind }) => kind)).toEqual([
      "added",
    ]);
  });
});
