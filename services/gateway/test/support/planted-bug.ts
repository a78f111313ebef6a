import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const sources = fileURLToPath(new URL("../../src/", import.meta.url));

/** A module of the gateway, one place in the text of `path`, which it or an import of it is, changed. */
export async function moduleWithBug<T>(entry: string, path: string, from: string, to: string): Promise<T> {
  const { outputFiles } = await build({
    entryPoints: [`${sources}${entry}`],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    plugins: [
      {
        name: "planted-bug",
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, (file) => {
            if (file.path !== `${sources}${path}`) return undefined;
            const source = readFileSync(file.path, "utf8");
            if (source.split(from).length !== 2) throw new Error(`"${from}" is not in ${path} exactly once.`);
            return { contents: source.replace(from, () => to), loader: "ts" };
          }),
      },
    ],
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as T;
}
