#!/usr/bin/env node
process.argv.splice(2, 0, "freehold");
await import("./launch.mjs");
