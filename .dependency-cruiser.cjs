// Who may import whom. The layers point one way: config, decisions, stacks; the edge stands outside.
const builtinsOfTheEdge =
  "^(node:)?(fs|fs/promises|child_process|http|https|http2|net|tls|dns|os|process|readline|readline/promises|worker_threads|cluster|timers|timers/promises|perf_hooks|crypto/webcrypto)$";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "config-stands-alone",
      comment: "The stack file's shape and its diagnostics are the lowest layer: nothing above may leak into them.",
      severity: "error",
      from: { path: "^config/" },
      to: { path: "^(decisions|stacks|charts|cli|local-cluster)/" },
    },
    {
      name: "decisions-see-only-config",
      comment: "A decision is a function of the file, the lock and the catalog; a stack or a command has no say in it.",
      severity: "error",
      from: { path: "^decisions/" },
      to: { path: "^(stacks|charts|cli|local-cluster)/" },
    },
    {
      name: "pure-layers-touch-nothing",
      comment: "Disk, network, processes and the clock belong to the edge; then every decision repeats in a test.",
      severity: "error",
      from: { path: "^(config|decisions|stacks/(values|guards|manifests))" },
      to: { path: builtinsOfTheEdge, dependencyTypes: ["core"] },
    },
    {
      name: "cdktf-only-in-stacks",
      comment: "cdktf is archived upstream: a change of synthesizer must touch one layer.",
      severity: "error",
      from: { pathNot: "^(stacks|test/stacks)/" },
      to: { path: "node_modules/(cdktf|cdktn|constructs|@cdktf)/" },
    },
    {
      name: "no-provider-roots",
      comment: "A provider's root import costs 0.8 s and 250 MB; its parts cost a tenth.",
      severity: "error",
      from: {},
      to: { path: "node_modules/@cdktf/[^/]+/lib/index\\.js$" },
    },
    {
      name: "constructs-read-the-blueprint",
      comment: "A construct that looked at the stack file would decide something on its own.",
      severity: "error",
      from: { path: "^stacks/(?!main\\.ts)" },
      to: {
        path: "^(config/(load|checks|schema)|decisions/(?!(blueprint|decision-record)\\.ts))",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "values-are-plain",
      comment: "Helm values are a function of the Blueprint; they must not know the synthesizer.",
      severity: "error",
      from: { path: "^stacks/values/" },
      to: { path: "^(config/(load|checks)|node_modules/(cdktf|@cdktf|constructs))" },
    },
    {
      name: "guards-trust-nothing-they-guard",
      comment: "A guard that asked the decisions would repeat their mistake.",
      severity: "error",
      from: { path: "^stacks/guards/" },
      to: { path: "^(decisions|stacks/constructs)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "local-cluster-knows-no-stack",
      comment: "The local cluster takes nodes and gives a kubeconfig; what runs on it is not its business.",
      severity: "error",
      from: { path: "^local-cluster/" },
      to: { path: "^(decisions|stacks|charts|cli)/" },
    },
    {
      name: "nothing-imports-the-command-line",
      comment: "The command line is the outermost edge.",
      severity: "error",
      from: { pathNot: "^((cli|test|bench)/|stacks/main\\.ts$)" },
      to: { path: "^cli/" },
    },
    {
      name: "nothing-imports-tests",
      comment: "Tests are not part of the product.",
      severity: "error",
      from: { path: "^(config|decisions|stacks|charts|cli|local-cluster)/" },
      to: { path: "^test/" },
    },
    {
      name: "services-stand-alone",
      comment: "A service is an image of its own: it knows its settings file, not how that file was decided.",
      severity: "error",
      from: { path: "^services/[^/]+/src/" },
      to: { path: "^(config|decisions|stacks|charts|cli|local-cluster|test|bench)/" },
    },
    {
      name: "services-import-no-other-service",
      comment: "Services meet over the network.",
      severity: "error",
      from: { path: "^services/([^/]+)/src/" },
      to: { path: "^services/(?!$1/)[^/]+/" },
    },
    {
      name: "nothing-imports-services",
      comment: "What runs in the cluster is reached by its address.",
      severity: "error",
      from: { path: "^(config|decisions|stacks|charts|cli|local-cluster)/" },
      to: { path: "^services/" },
    },
    {
      name: "no-circular",
      comment: "Two files that need each other are one file, or the shared part is a third.",
      severity: "error",
      from: {},
      to: { circular: true, dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
