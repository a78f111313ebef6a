const minimum = [20, 9, 0];

/** Ends the process with one clear sentence on a Node.js that is too old to run the rest. */
export function requireNode(version = process.versions.node) {
  const parts = version.split(".").map(Number);
  const firstDifference = minimum.findIndex((part, index) => part !== parts[index]);
  if (firstDifference === -1 || parts[firstDifference] > minimum[firstDifference]) return;
  process.stderr.write(
    `node  RUN-101  Node.js ${version} is too old.\n\n` +
      "  Why: Freehold uses parts of Node.js that came with 20.9.\n" +
      "  Fix: Install Node.js 22 or 24 and run the command again.\n" +
      "  More: docs/reference/errors.md#run-101\n",
  );
  process.exit(1);
}
