import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./checkout.mjs";
import { installEngine } from "./local-engine.mjs";
import { checkov, testPython } from "./python-environments.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);
const freehold = (args) => run(process.execPath, [join(root, "cli", "freehold.mjs"), ...args]);
const generate = (args) => run(process.execPath, [join(root, "cli", "launch.mjs"), "generate", ...args]);
function vitest(args, environment = {}) {
  const python = testPython();
  return run(bin("vitest"), ["run", ...args], {
    ...environment,
    ...(python === null ? {} : { FREEHOLD_TEST_PYTHON: python }),
  });
}
/** Compiles or finds what the tests run against: helm and crane for all of them, the control plane for the cluster. */
const tools = (names) => freehold(["tools", ...names]);
const unitTools = ["helm", "crane"];
/** Where a judge cannot be had, its tests say so and are skipped; the rest of the run goes on. */
async function judges() {
  await tools(["cyclonus"]);
  const judge = process.env.FREEHOLD_CHECKOV || checkov();
  return judge === null ? {} : { FREEHOLD_CHECKOV: judge };
}

/** What `npm run` offers, by script name. Each returns an exit code. */
export const tasks = {
  start: { run: (args) => freehold(["up", ...args]) },
  test: {
    run: (args) =>
      inOrder(
        () => tools([]),
        async () => vitest(args, await judges()),
      ),
  },
  "test:unit": {
    run: (args) =>
      inOrder(
        () => tools(unitTools),
        () => vitest(["--project", "unit", "--project", "fork", ...args]),
      ),
  },
  "test:cluster": {
    run: (args) =>
      inOrder(
        () => tools([]),
        () => vitest(["--project", "cluster", ...args]),
      ),
  },
  "test:nightly": {
    run: (args) => vitest(["--project", "unit", "test/decisions/residency", ...args], { FREEHOLD_RUNS: "100000" }),
  },
  "test:services": { run: (args) => vitest(["--project", "services", ...args]) },
  "test:services:torture": {
    run: (args) => vitest(["--project", "services", "services/orchestrator", ...args], { FREEHOLD_TORTURE: "1" }),
  },
  check: {
    run: () =>
      inOrder(
        () => step("types", bin("tsc"), ["-p", "."]),
        () => step("lint and format", bin("biome"), ["check", "."]),
        () =>
          step("imports", bin("depcruise"), [
            "--config",
            ".dependency-cruiser.cjs",
            "--output-type",
            "err",
            "config",
            "decisions",
            "report",
            "stacks",
            "charts",
            "cli",
            "local-cluster",
            "local-services",
            "services",
          ]),
        () => step("dead code", bin("knip"), []),
        () => {
          process.stderr.write("check: generated files\n");
          return generate(["--check"]);
        },
      ),
  },
  "check:judges": {
    run: (args) =>
      inOrder(
        () => tools(["helm"]),
        async () => vitest(["--project", "judges", ...args], await judges()),
      ),
  },
  images: { quiet: true, run: (args) => freehold(["images", ...args]) },
  generate: { run: generate },
  "golden:update": {
    run: (args) =>
      inOrder(
        () => tools(["helm"]),
        () => vitest(["--project", "unit", "test/stacks/golden.test.ts", ...args], { FREEHOLD_UPDATE_GOLDENS: "1" }),
        () => run("git", ["diff", "--stat", "--", "test/golden"]),
      ),
  },
  bench: { run: (args) => run(process.execPath, [join(root, "bench", "bench.mjs"), ...args]) },
  "bench:capacity": {
    quiet: true,
    run: (args) => run(process.execPath, [join(root, "cli", "launch.mjs"), "bench-capacity", ...args]),
  },
  "bench:gateway": {
    quiet: true,
    run: (args) => run(process.execPath, [join(root, "services", "gateway", "bench", "bench.mjs"), ...args]),
  },
  "bench:faults": {
    run: (args) =>
      vitest(["--project", "services", "services/gateway/test/fault-battery.test.ts", ...args], {
        FREEHOLD_FIGURES: "1",
      }),
  },
  "bench:orchestrator": {
    run: (args) =>
      vitest(
        [
          "--project",
          "services",
          "services/orchestrator/test/figures.test.ts",
          "services/orchestrator/test/peer-figures.test.ts",
          "--no-file-parallelism",
          ...args,
        ],
        {
          FREEHOLD_FIGURES: "1",
        },
      ),
  },
  "engine:install": { run: installEngine },
  "dev:gateway": { quiet: true, run: (args) => freehold(["gateway", ...args]) },
  "dev:orchestrator": {
    run: (args) => run(process.execPath, [join(root, "services", "orchestrator", "dev.mjs"), ...args]),
  },
  freehold: { quiet: true, run: freehold },
};

async function inOrder(...steps) {
  for (const next of steps) {
    const status = await next();
    if (status !== 0) return status;
  }
  return 0;
}

function step(label, command, args) {
  process.stderr.write(`check: ${label}\n`);
  return run(command, args);
}

/** Exit code of a command that shares this terminal. Ctrl-C reaches the child itself; this process waits for it. */
function run(command, args, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...environment } });
    const hold = () => {};
    process.on("SIGINT", hold);
    const terminate = () => child.kill("SIGTERM");
    process.on("SIGTERM", terminate);
    child.on("error", reject);
    child.on("close", (status, signal) => {
      process.off("SIGINT", hold);
      process.off("SIGTERM", terminate);
      resolve(status ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}
