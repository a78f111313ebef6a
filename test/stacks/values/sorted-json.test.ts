import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortedJson } from "../../../stacks/values/sorted-json.ts";

describe("sorted JSON", () => {
  it("sorts keys at every depth and leaves lists in their order", () => {
    expect(sortedJson({ b: [{ d: 1, c: 2 }, "a"], a: { z: null, y: true } })).toBe(
      '{"a":{"y":true,"z":null},"b":[{"c":2,"d":1},"a"]}',
    );
  });

  it("keeps the data and gives one text for one content, whatever the order of insertion", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        const text = sortedJson(value);
        expect(sortedJson(reversed)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
