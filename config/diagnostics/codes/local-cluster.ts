import { entry } from "./entry.ts";

/** RUN-2xx: the local cluster, its tools and its processes. */
export const localClusterCodes = {
  "RUN-201": entry<{ tools: readonly string[]; needed: string; fault?: string }>({
    severity: "error",
    summary: "Go is missing or does not work",
    title: ({ tools, needed, fault }) =>
      `Go ${needed} is needed to compile ${list(tools)}, and ${fault === undefined ? 'no "go" was found on PATH' : 'no "go" that works was found on PATH'}.`,
    why: ({ fault }) =>
      `${fault === undefined ? "" : `"go version" failed: ${fault}\n`}The local cluster runs the real Kubernetes programs. They are compiled once from pinned sources, unless programs of the right version are on PATH.`,
    fix: ({ tools, needed }) =>
      `Install Go ${needed} or newer and see that "go version" works in this shell, or put ${list(tools)} on PATH.`,
    example: { tools: ["kube-apiserver 1.35", "etcd 3.6"], needed: "1.26" },
  }),
  "RUN-202": entry<{ found: string; needed: string; tools: readonly string[] }>({
    severity: "error",
    summary: "Go is too old",
    title: ({ found, needed, tools }) => `Go is ${found}; compiling ${list(tools)} needs ${needed} or newer.`,
    why: () => "The pinned sources use language features and standard packages of that version.",
    fix: ({ tools, needed }) =>
      `Install Go ${needed} or newer in front of the old one on PATH, or put ${list(tools)} on PATH.`,
    example: { found: "1.24.1", needed: "1.26", tools: ["kube-apiserver 1.35", "etcd 3.6"] },
  }),
  "RUN-203": entry<{ tool: string; module: string; reason: string }>({
    severity: "error",
    summary: "A Go module could not be downloaded",
    title: ({ tool, module }) => `The sources of ${tool} could not be downloaded: ${module} did not arrive.`,
    why: ({ reason }) => `Go said: ${reason}`,
    fix: () =>
      'Check the network, and the module proxy and its credentials ("go env GOPROXY GONOSUMDB HTTPS_PROXY"), then run the command again. What has arrived is kept.',
    example: {
      tool: "etcd",
      module: "go.etcd.io/bbolt@v1.4.3",
      reason: "dial tcp: lookup proxy.example.com: no such host",
    },
  }),
  "RUN-204": entry<{ tool: string; lastLines: string }>({
    severity: "error",
    summary: "A tool could not be compiled",
    title: ({ tool }) => `Compiling ${tool} failed.`,
    why: ({ lastLines }) => `The last lines of the compiler:\n${lastLines}`,
    fix: () =>
      'A compiler that was "killed" ran out of memory: close other programs or set GOMAXPROCS=1, then run the command again. What is compiled is kept. Anything else is a fault of ours: please report it.',
    example: { tool: "kwok", lastLines: "sigs.k8s.io/kwok/cmd/kwok: signal: killed" },
  }),
  "RUN-205": entry<{ folder: string; doing: string; compiling: boolean }>({
    severity: "error",
    summary: "The disk is full",
    title: ({ doing }) => `The disk ran full while ${doing}.`,
    why: ({ folder, compiling }) =>
      compiling
        ? `Compiling needs about 5 GB at first for sources and Go's own cache; the programs kept in ${folder} need about 300 MB.`
        : `The file system that holds ${folder} has no room left.`,
    fix: ({ compiling }) =>
      `Free some space and run the command again${compiling ? '. "go clean -cache" gives back what Go keeps of earlier compilations' : ""}; nothing half written is left behind.`,
    example: { folder: "/home/ada/.cache/freehold", doing: "compiling etcd", compiling: true },
  }),
  "RUN-206": entry<{ port: number }>({
    severity: "error",
    summary: "The port for the local cluster is taken",
    title: ({ port }) => `Port ${port} of 127.0.0.1 is taken by another program.`,
    why: () => "The Kubernetes API of the local cluster was told to listen on this port and on no other.",
    fix: ({ port }) =>
      `Stop the program that listens on port ${port}, choose another port, or give none: then a free one is found.`,
    example: { port: 6443 },
  }),
  "RUN-207": entry<{ component: string; logFile: string; lastLines: string }>({
    severity: "error",
    summary: "A part of the local cluster stopped at its start",
    title: ({ component }) => `${component} stopped right after its start.`,
    why: ({ lastLines }) => `Its last lines:\n${lastLines}`,
    fix: ({ logFile }) => `The whole log is ${logFile}. "freehold down" and "freehold up" start again from nothing.`,
    example: {
      component: "etcd",
      logFile: ".freehold/local-cluster/logs/etcd.log",
      lastLines: "open member/wal: permission denied",
    },
  }),
  "RUN-208": entry<{ seconds: number; component: string; logFile: string; lastLines: string }>({
    severity: "error",
    summary: "The local cluster was not ready in time",
    title: ({ component, seconds }) => `${component} was not ready after ${seconds} seconds.`,
    why: ({ lastLines }) => `It runs, but does not answer as ready. Its last lines:\n${lastLines}`,
    fix: ({ logFile }) =>
      `Run the command again when the machine is less busy. The whole log is ${logFile}. "freehold down" and "freehold up" start again from nothing.`,
    example: {
      seconds: 90,
      component: "kube-apiserver",
      logFile: ".freehold/local-cluster/logs/kube-apiserver.log",
      lastLines: "waiting for etcd",
    },
  }),
  "RUN-209": entry<{ folder: string; reason: string }>({
    severity: "error",
    summary: "A folder cannot be written",
    title: ({ folder }) => `The folder ${folder} cannot be written.`,
    why: ({ reason }) => `The system said: ${reason}`,
    fix: ({ folder }) =>
      `Give yourself the right to write to ${folder}, or remove what stands in its place. A cache elsewhere is chosen with XDG_CACHE_HOME.`,
    example: { folder: ".freehold/local-cluster", reason: "EACCES: permission denied, mkdir" },
  }),
  "RUN-210": entry<{ folder: string; pid: number | undefined }>({
    severity: "error",
    summary: "Another command works on this local cluster",
    title: ({ folder, pid }) =>
      `Another command${pid === undefined ? "" : `, process ${pid},`} is starting or stopping the local cluster in ${folder}.`,
    why: () => "Two commands that start and stop the same processes would leave some of them without an owner.",
    fix: ({ pid }) =>
      `Wait until it has finished, then run the command again.${pid === undefined ? "" : ` If it hangs, end process ${pid}: its lock then counts for nothing.`}`,
    example: { folder: ".freehold/local-cluster", pid: 4711 },
  }),
  "RUN-211": entry<{ platform: string }>({
    severity: "error",
    summary: "The local cluster does not run on this system",
    title: ({ platform }) => `The local cluster runs on Linux and macOS, and this system is ${platform}.`,
    why: () => "Its processes talk over Unix sockets and are told apart by process start times.",
    fix: () =>
      "Run it inside WSL or on a Linux machine, or deploy to a cluster that exists. Everything but the local cluster works here.",
    example: { platform: "win32" },
  }),
  "RUN-212": entry<{ service: string; lastWords: string }>({
    severity: "error",
    summary: "A local service did not start",
    title: ({ service }) => `${service} did not start.`,
    why: ({ lastWords }) => (lastWords === "" ? "It printed nothing." : `Its last words: ${lastWords}.`),
    fix: () =>
      "Its log lies in .freehold/local-services/. `freehold down` ends what still runs; `npm start` then begins anew.",
    example: { service: "gateway", lastWords: "listen EADDRINUSE: address already in use 127.0.0.1:8080" },
  }),
} as const;

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
