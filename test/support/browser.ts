import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Names under which distributions and vendors install Chromium. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];

/**
 * A Chromium of this machine: what FREEHOLD_TEST_BROWSER names, one on PATH, or one that Playwright has fetched; null where
 * there is none.
 */
export function findBrowser(environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment.FREEHOLD_TEST_BROWSER;
  if (named !== undefined && named !== "") return named;
  const onPath = (environment.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isFile);
  return onPath ?? fetchedBrowser(environment.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), ".cache", "ms-playwright"));
}

function fetchedBrowser(cache: string): string | null {
  if (!existsSync(cache)) return null;
  const found = readdirSync(cache)
    .filter((name) => name.startsWith("chromium"))
    .sort()
    .flatMap((name) => [
      join(cache, name, "chrome-linux", "chrome"),
      join(cache, name, "chrome-linux64", "chrome"),
      join(cache, name, "chrome-mac", "Chromium.app", "Contents", "MacOS", "Chromium"),
    ])
    .filter(isFile);
  return found.at(-1) ?? null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The browser without any errand of its own: no updates, no reports, no look-ups. */
export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      // Its sandbox refuses to run as root, which containers and build machines are.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
