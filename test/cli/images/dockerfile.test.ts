// Proves: a Dockerfile is read as a container engine reads it, and what would need one is refused by line.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parseDockerfile } from "../../../cli/images/dockerfile.ts";

const digest = `sha256:${"a".repeat(64)}`;
const sound = `# A comment.
ARG BASE=registry.example.com/node@${digest}
FROM \${BASE}
COPY --chmod=0444 .freehold/services/gateway.mjs /app/main.mjs
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/main.mjs"]
`;

it("reads base, files, user and entrypoint", () => {
  expect(parseDockerfile(sound, "Dockerfile")).toEqual({
    base: `registry.example.com/node@${digest}`,
    copies: [{ from: "gateway.mjs", to: "/app/main.mjs", mode: 0o444 }],
    user: "65532:65532",
    entrypoint: ["/nodejs/bin/node", "/app/main.mjs"],
  });
});

it.each(["engine-simulator", "gateway", "orchestrator"])(
  "can read the Dockerfile of %s, whose base has a digest",
  (name) => {
    const path = fileURLToPath(new URL(`../../../services/${name}/Dockerfile`, import.meta.url));
    expect(parseDockerfile(readFileSync(path, "utf8"), path)).toMatchObject({
      base: expect.stringMatching(/^[a-z.]+\/[^@]+@sha256:[0-9a-f]{64}$/),
      copies: [{ from: `${name}.mjs`, to: "/app/main.mjs", mode: 0o444 }],
      user: "65532:65532",
    });
  },
);

const refused: [from: string, to: string, line: number, problem: string][] = [
  ["USER 65532:65532", "RUN npm ci", 5, "RUN is not one of its instructions"],
  ["USER 65532:65532", "USER 0:0", 5, "not root"],
  ["USER 65532:65532", "USER nonroot", 5, "numbers"],
  ["USER 65532:65532\n", "", 6, "no USER"],
  ["FROM ${BASE}", "FROM node:24", 3, "FROM ${BASE}"],
  ["ARG BASE=", "ARG OTHER=", 2, "BASE"],
  ["--chmod=0444", "--chmod=0666", 4, "must not be writable"],
  ["--chmod=0444 ", "", 4, "COPY --chmod=0444 SOURCE /TARGET"],
  [".freehold/services/gateway.mjs", "package.json", 4, "only files of .freehold/services/"],
  [".freehold/services/gateway.mjs", ".freehold/services/../secret", 4, "only files of .freehold/services/"],
  ["/app/main.mjs\n", "/app/../main.mjs\n", 4, "is not a path"],
  ["/app/main.mjs\n", `/${"a".repeat(100)}\n`, 4, "is not a path"],
  ['["/nodejs/bin/node", "/app/main.mjs"]', "node /app/main.mjs", 6, "JSON list"],
];

it.each(refused)("rejects %j as %j", (from, to, line, problem) => {
  expect(sound).toContain(from);
  const read = () =>
    parseDockerfile(
      sound.replace(from, () => to),
      "Dockerfile",
    );
  expect(read).toThrowError(
    expect.objectContaining({
      finding: expect.objectContaining({
        code: "IMG-102",
        title: expect.stringMatching(new RegExp(`^Line ${line} .*${problem.replace(/[$(){}.+]/g, "\\$&")}`)),
      }),
    }),
  );
});
