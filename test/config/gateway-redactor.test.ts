// Proves: patterns of one's own that the gateway could not start with, or that find everything, are refused in the file.
import { expect, it } from "vitest";
import { checkConfig } from "../../config/checks/index.ts";
import { stackConfig } from "../support/config.ts";

function found(patterns: Readonly<Record<string, string>>): readonly string[] {
  const keys = { secret: "gateway-keys", key: "keys.json" };
  const redactor = { patterns, timeout: "1s" };
  return checkConfig(stackConfig({ gateway: { keys, tenants: { support: {} }, redactor } })).map(
    ({ code, title }) => `${code} ${title}`,
  );
}

it.each<readonly [string, string, readonly string[]]>([
  ["a pattern", String.raw`\bK-[0-9]{8}\b`, []],
  ["a group without an end", "(", ["Unterminated group"]],
  ["an escape that Unicode patterns do not have", String.raw`\-`, ["Invalid escape"]],
  ["what finds the empty text", "[0-9]*", ["it finds the empty text, which is everywhere"]],
])("%s", (_, pattern, details) => {
  expect(found({ CUSTOMER: pattern })).toEqual(
    details.map((detail) => `GTW-112 gateway.redactor.patterns.CUSTOMER is no pattern: ${detail}.`),
  );
});
