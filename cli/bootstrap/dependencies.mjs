import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BootstrapError, root } from "./checkout.mjs";

const stampPath = join(root, "node_modules", ".freehold-installed");

function wantedStamp() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "package-lock.json"]) hash.update(readFileSync(join(root, file)));
  return `${hash.digest("hex")} ${process.platform} ${process.arch}\n`;
}

function readStamp() {
  try {
    return readFileSync(stampPath, "utf8");
  } catch {
    return "";
  }
}

/**
 * Packages as the lock file names them, installed once and again whenever the lock changes.
 * The stamp is written last, so an interrupted install is repeated by the next run.
 */
export async function installDependencies({ quiet = false } = {}) {
  const wanted = wantedStamp();
  if (readStamp() === wanted) return;
  const say = (text) => process.stderr.write(text);
  const started = Date.now();
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  rmSync(stampPath, { force: true });
  say("Installing packages (npm ci, usually 10 to 30 s)\n");
  const interactive = process.stderr.isTTY === true && !quiet;
  const timer = setInterval(
    () => say(interactive ? `\r  ${elapsed()}` : `  still installing, ${elapsed()}\n`),
    interactive ? 500 : 10_000,
  );
  try {
    await npmCi();
  } finally {
    clearInterval(timer);
    if (interactive) say("\r\x1b[K");
  }
  writeFileSync(stampPath, wanted);
  say(`Packages installed, ${elapsed()}\n`);
}

function npmCi() {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["ci", "--no-progress", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk) => {
      output = (output + chunk).slice(-8000);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => reject(new BootstrapError(failure(`npm could not be started: ${error.message}`))));
    child.on("close", (status, signal) => {
      if (status === 0) return resolve();
      reject(new BootstrapError(failure(signal === null ? output.trim() : `npm was stopped by ${signal}.`)));
    });
  });
}

function failure(detail) {
  const why = /ENOSPC/.test(detail)
    ? "The disk is full."
    : /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET/.test(detail)
      ? "The npm registry could not be reached."
      : "npm ci ended with an error.";
  return (
    "npm  RUN-102  The packages could not be installed.\n\n" +
    `  Why: ${why} Its last words:\n${detail.replace(/^/gm, "       ")}\n` +
    "  Fix: Mend that and run the command again; it starts over cleanly.\n" +
    "  More: docs/reference/errors.md#run-102"
  );
}
