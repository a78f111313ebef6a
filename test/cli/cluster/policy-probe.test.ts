// Proves: what the probe's client says of a connection that is open, refused or silent, run as it will be; which outcome keeps a
// stack from a cluster; how long a passed probe is believed. The course of a probe is tried in test/cluster/policy-probe.test.ts.
import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkEnforcement } from "../../../cli/cluster/policy-gate.ts";
import type { PolicyEnforcement } from "../../../cli/cluster/policy-probe.ts";
import {
  blockedExitCode,
  connect,
  control,
  held,
  listen,
  offlineExitCode,
  probeClient,
  probeServer,
  uninvited,
} from "../../../cli/cluster/policy-probe-objects.ts";
import { hasPassed, rememberProbe } from "../../../cli/cluster/remembered-probes.ts";
import type { Target } from "../../../cli/cluster/target.ts";
import { residencyModes } from "../../../config/schema/residency.ts";
import { blueprintFor } from "../../support/blueprint.ts";
import { residentStack, soundResidency } from "../../support/residency.ts";

const python = process.env.FREEHOLD_TEST_PYTHON ?? "python3";
const hasPython = spawnSync(python, ["--version"]).status === 0;

describe.skipIf(!hasPython)("the client of the probe", () => {
  const running: Server[] = [];
  const opened = async () => {
    const server = createServer((socket) => socket.destroy());
    running.push(server);
    await promisify((done: () => void) => server.listen(0, "127.0.0.1", done))();
    return (server.address() as { port: number }).port;
  };
  /** A port on which nobody answers. */
  const closed = async () => {
    const port = await opened();
    running.pop()?.close();
    return port;
  };
  afterEach(() => {
    for (const server of running.splice(0)) server.close();
  });

  async function exitCodeOf(open: number, guarded: number, must: "connect" | "fail"): Promise<number> {
    // Two seconds between attempts are for a cluster; here nothing has to settle.
    const program = connect.replaceAll("time.sleep(2)", "time.sleep(0.01)");
    const words = ["-c", program, "127.0.0.1", String(open), String(guarded), must];
    try {
      await promisify(execFile)(python, words, { timeout: 50_000 });
      return 0;
    } catch (error) {
      return Number((error as { code?: unknown }).code);
    }
  }

  it.each(["connect", "fail"] as const)(
    "says that it got through where the port is open and it must %s",
    async (must) => {
      expect(await exitCodeOf(await opened(), await opened(), must)).toBe(0);
    },
  );

  it.each(["connect", "fail"] as const)("says that it did not where nobody answers and it must %s", async (must) => {
    expect(await exitCodeOf(await opened(), await closed(), must)).toBe(blockedExitCode);
  });

  it.each(["connect", "fail"] as const)(
    "does not take a network that is not there for a rule where it must %s",
    async (must) => {
      expect(await exitCodeOf(await closed(), await closed(), must)).toBe(offlineExitCode);
    },
  );

  it("meets a server that takes connections on both ports", async () => {
    const [first, second] = [await closed(), await closed()];
    const server = spawn(python, ["-c", listen, String(first), String(second)], { stdio: "ignore" });
    try {
      // The program waits for the open port itself, as it does in a cluster.
      expect(await exitCodeOf(second, first, "connect")).toBe(0);
    } finally {
      server.kill();
    }
  });

  it("ends in another way where it cannot run at all", async () => {
    const broken = spawnSync(python, ["-c", connect, "127.0.0.1"]);
    expect([0, blockedExitCode, offlineExitCode]).not.toContain(broken.status);
  });
});

describe("the pods of the probe", () => {
  const setting = {
    namespace: "probe",
    image: "registry.example.com/a@sha256:1",
    tolerations: [],
    deadlineSeconds: 60,
  };

  it("run under Pod Security restricted, end by themselves and hold no token", () => {
    for (const client of [uninvited, held, control]) {
      expect(probeClient(setting, client, "10.0.0.1")).toMatchObject({
        spec: { activeDeadlineSeconds: 60, automountServiceAccountToken: false, restartPolicy: "Never" },
      });
    }
  });

  it("differ in nothing but what stands in their way", () => {
    const { items } = probeServer(setting) as { items: { spec: Record<string, unknown> }[] };
    const [invited, heldBack] = items;
    expect(invited?.spec).toMatchObject({
      policyTypes: ["Ingress"],
      podSelector: { matchLabels: { probe: "server" } },
    });
    expect(heldBack?.spec).toMatchObject({ policyTypes: ["Egress"], podSelector: { matchLabels: { held: "true" } } });
    // Each has a port left that nothing bars: who cannot reach that one has no network.
    const ports = (rules: unknown) => (rules as { ports: { port: number }[] }[]).map((rule) => rule.ports[0]?.port);
    expect([ports(invited?.spec.ingress), ports(heldBack?.spec.egress)]).toEqual([[8080, 8081], [8081]]);
    expect([uninvited, held, control].map(({ labels }) => labels)).toEqual([
      {},
      { invited: "true", held: "true" },
      { invited: "true" },
    ]);
  });
});

describe("a deployment", () => {
  const target = (simulated: boolean): Target => ({
    access: {
      context: "prod",
      kubeconfigPath: null,
      kubectlPath: "",
      environment: {},
      signal: new AbortController().signal,
    },
    uid: "1",
    kubernetesVersion: "1.35.0",
    simulated,
  });
  const found = (mode: (typeof residencyModes)[number], state: PolicyEnforcement["state"], simulated = false) => {
    const blueprint = blueprintFor(residentStack(soundResidency(mode)));
    return checkEnforcement({ blueprint, target: target(simulated) }, { state, reason: "so it is" }).map(
      ({ code }) => code,
    );
  };

  it.each(residencyModes)("is refused under %s unless policies were seen to be enforced", (mode) => {
    const isBound = mode !== "none";
    expect(found(mode, "enforced")).toEqual([]);
    expect(found(mode, "not enforced")).toEqual(isBound ? ["RUN-162"] : []);
    expect(found(mode, "not measured")).toEqual(isBound ? ["RUN-163"] : []);
  });

  it("is let onto the local control plane, where nothing runs and nothing can be measured", () => {
    expect(found("air-gapped", "not measured", true)).toEqual([]);
  });
});

describe("a probe that passed", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "freehold-probes-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const day = (text: string) => new Date(`2026-11-${text}`);

  it.each([
    ["25T12:00:00Z", true],
    ["26T11:59:59Z", true],
    ["26T12:00:00Z", false],
    ["25T11:59:59Z", false],
  ])("is believed for a day, on 2026-11-%s: %s", (now, believed) => {
    rememberProbe(root, "1", true, day("25T12:00:00Z"));
    expect(hasPassed(root, "1", day(now))).toBe(believed);
    expect(hasPassed(root, "2", day(now))).toBe(false);
  });

  it("is forgotten once another has not", () => {
    rememberProbe(root, "1", true, day("25T12:00:00Z"));
    rememberProbe(root, "1", false, day("25T13:00:00Z"));
    expect(hasPassed(root, "1", day("25T14:00:00Z"))).toBe(false);
  });

  it("is run again where what was remembered cannot be read", () => {
    rememberProbe(root, "1", true, day("25T12:00:00Z"));
    writeFileSync(join(root, ".freehold", "probes.json"), "{");
    expect(hasPassed(root, "1", day("25T12:00:00Z"))).toBe(false);
  });
});
