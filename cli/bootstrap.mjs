#!/usr/bin/env node
// The one entry that needs nothing installed: brings the checkout into shape, then hands over.
// Plain JavaScript without dependencies, because npm's pre-scripts do not run under `ignore-scripts=true`.
import { requireNode } from "./bootstrap/node-version.mjs";

requireNode();
const { installDependencies } = await import("./bootstrap/dependencies.mjs");
const { tasks } = await import("./bootstrap/tasks.mjs");

const [taskName = "", ...rest] = process.argv.slice(2);
const task = tasks[taskName];
if (task === undefined) {
  process.stderr.write(`There is no task "${taskName}". Tasks: ${Object.keys(tasks).join(", ")}.\n`);
  process.exit(1);
}
try {
  await installDependencies({ quiet: task.quiet });
  process.exitCode = await task.run(rest);
} catch (error) {
  if (error?.name !== "BootstrapError") throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
