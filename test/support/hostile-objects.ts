import type { Manifest } from "./helm.ts";

/** Namespaces of a stack called `desk` without Pod Security: one of its `region-bound` environment, one without a residency. */
export const open = "desk-regionbound-open";
export const openToTheWorld = "desk-none-open";
/** Namespace of the proxy of the first one. */
const egress = "desk-regionbound-egress";

type Change = (spec: Manifest, metadata: Manifest) => void;

/** A pod made from a Deployment, in the namespace without Pod Security, with one thing changed. */
export function podOf(deployment: Manifest, change: Change = () => undefined): Manifest {
  const { metadata, spec } = structuredClone(deployment.spec.template);
  const body = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "hostile", namespace: open }, spec };
  // The accounts of the stack's namespace are not there.
  spec.serviceAccountName = "other";
  change(spec, body.metadata);
  return body;
}

const object = (kind: string, apiVersion: string, rest: object): Manifest => ({
  apiVersion,
  kind,
  metadata: { name: "hostile", namespace: open },
  ...rest,
});
const service = (spec: object) =>
  object("Service", "v1", { spec: { selector: { a: "b" }, ports: [{ port: 80 }], ...spec } });
const policy = (spec: object, namespace = open) => ({
  ...object("NetworkPolicy", "networking.k8s.io/v1", { spec: { podSelector: {}, ...spec } }),
  metadata: { name: "hostile", namespace },
});
const digest = `@sha256:${"5f".repeat(32)}`;

/** What the API server must refuse, each with the code of the rule and its name. `deployment` gives the engine whose pod they are made from. */
export function hostileObjects(
  deployment: () => Manifest,
): readonly (readonly [code: string, name: string, () => Manifest])[] {
  const pod = (change?: Change) => podOf(deployment(), change);
  const engine = (change: (container: Manifest) => void) => pod(({ containers }) => change(containers[0]));
  return [
    [
      "GRD-201",
      "a privileged container",
      () =>
        engine((c) => {
          c.securityContext = { ...c.securityContext, allowPrivilegeEscalation: undefined, privileged: true };
        }),
    ],
    [
      "GRD-201",
      "the host's network",
      () =>
        pod((spec) => {
          spec.hostNetwork = true;
        }),
    ],
    [
      "GRD-201",
      "the host's processes",
      () =>
        pod((spec) => {
          spec.hostPID = true;
        }),
    ],
    [
      "GRD-201",
      "a path of the host",
      () => pod((spec) => spec.volumes.push({ name: "node", hostPath: { path: "/" } })),
    ],
    [
      "GRD-201",
      "a port of the host",
      () =>
        engine((c) => {
          c.ports[0].hostPort = 8000;
        }),
    ],
    [
      "GRD-202",
      "gaining privileges",
      () =>
        engine((c) => {
          delete c.securityContext.allowPrivilegeEscalation;
        }),
    ],
    [
      "GRD-203",
      "a capability",
      () =>
        engine((c) => {
          c.securityContext.capabilities.add = ["SYS_ADMIN"];
        }),
    ],
    [
      "GRD-204",
      "root",
      () =>
        engine((c) => {
          c.securityContext.runAsUser = 0;
        }),
    ],
    [
      "GRD-204",
      "root by leave",
      () =>
        pod((spec) => {
          delete spec.securityContext.runAsNonRoot;
        }),
    ],
    [
      "GRD-205",
      "no seccomp profile",
      () =>
        pod((spec) => {
          delete spec.securityContext.seccompProfile;
        }),
    ],
    [
      "GRD-207",
      "a token",
      () =>
        pod((spec) => {
          delete spec.automountServiceAccountToken;
        }),
    ],
    [
      "GRD-207",
      "the default account",
      () =>
        pod((spec) => {
          spec.serviceAccountName = "default";
        }),
    ],
    [
      "GRD-209",
      "no limit of memory",
      () =>
        engine((c) => {
          delete c.resources.limits.memory;
        }),
    ],
    ["GRD-210", "scratch without an end", () => pod((spec) => spec.volumes.push({ name: "more", emptyDir: {} }))],
    [
      "GRD-217",
      "a foreign registry",
      () =>
        engine((c) => {
          c.image = `docker.io/vllm/vllm-openai${digest}`;
        }),
    ],
    [
      "GRD-217",
      "a registry that begins alike",
      () =>
        engine((c) => {
          c.image = `registry.example.com.evil.example/vllm${digest}`;
        }),
    ],
    [
      "GRD-217",
      "a registry at another port",
      () =>
        engine((c) => {
          c.image = `registry.example.com:5000/vllm${digest}`;
        }),
    ],
    [
      "GRD-218",
      "latest",
      () =>
        engine((c) => {
          c.image = "registry.example.com/vllm/vllm-openai:latest";
        }),
    ],
    [
      "GRD-218",
      "latest beside a digest",
      () =>
        engine((c) => {
          c.image = `registry.example.com/vllm/vllm-openai:latest${digest}`;
        }),
    ],
    [
      "GRD-219",
      "an image by tag",
      () =>
        engine((c) => {
          c.image = "registry.example.com/vllm/vllm-openai:v0.33.0";
        }),
    ],
    ["GRD-220", "code of the model", () => engine((c) => c.args.push("--trust-remote-code"))],
    [
      "GRD-221",
      "pickled weights",
      () => object("ConfigMap", "v1", { data: { "weights.json": '{"files":[{"name":"model.bin"}]}' } }),
    ],
    ["GRD-221", "loading pickled weights", () => engine((c) => c.args.push("--load-format", "pt"))],
    ["GRD-222", "a hub's token", () => engine((c) => c.env.push({ name: "HF_TOKEN", value: "x" }))],
    ["GRD-223", "developer mode", () => engine((c) => c.env.push({ name: "VLLM_SERVER_DEV_MODE", value: "1" }))],
    [
      "GRD-224",
      "an engine that reports",
      () =>
        engine((c) => {
          c.env = c.env.filter((item: Manifest) => item.name !== "VLLM_NO_USAGE_STATS");
        }),
    ],
    ["GRD-226", "prompts in the log", () => engine((c) => c.args.push("--enable-log-requests"))],
    [
      "GRD-228",
      "no label of the stack",
      () =>
        pod((_, metadata) => {
          delete metadata.labels["freehold/stack"];
        }),
    ],
    [
      "GRD-228",
      "another environment's label",
      () =>
        pod((_, metadata) => {
          metadata.labels["freehold/environment"] = "production";
        }),
    ],
    [
      "GRD-229",
      "the role that lets pods out",
      () =>
        pod((_, metadata) => {
          metadata.labels["freehold/role"] = "fetch-weights";
        }),
    ],
    [
      "GRD-220",
      "code of the model, in a line for a shell",
      () =>
        engine((c) => {
          c.command = ["sh", "-c", "vllm serve /weights --trust-remote-code"];
        }),
    ],
    [
      "GRD-232",
      "all variables of a Secret",
      () =>
        engine((c) => {
          c.envFrom = [{ secretRef: { name: "other" } }];
        }),
    ],
    [
      "GRD-232",
      "a shell before the engine",
      () =>
        engine((c) => {
          c.command = ["sh", "-c", "exec vllm serve"];
        }),
    ],
    ["GRD-232", "options from a file", () => engine((c) => c.args.push("--config", "/weights/options.yaml"))],
    [
      "GRD-229",
      "the role that lets pods to the agents' database, as another account",
      () =>
        pod((_, metadata) => {
          metadata.labels["freehold/role"] = "migrate-agents";
          metadata.ownerReferences = [
            { apiVersion: "batch/v1", kind: "Job", name: "x", uid: "00000000-0000-0000-0000-000000000000" },
          ];
        }),
    ],
    [
      "GRD-241",
      "weights that nobody verifies",
      () =>
        pod((spec, metadata) => {
          metadata.labels["freehold/role"] = "fetch-weights";
          metadata.ownerReferences = [
            { apiVersion: "batch/v1", kind: "Job", name: "x", uid: "00000000-0000-0000-0000-000000000000" },
          ];
          spec.serviceAccountName = "fetch-weights";
        }),
    ],
    [
      "GRD-201",
      "a Deployment of such pods",
      () =>
        object("Deployment", "apps/v1", {
          spec: {
            selector: { matchLabels: { a: "b" } },
            template: { metadata: { labels: { a: "b" } }, spec: { ...pod().spec, hostIPC: true } },
          },
        }),
    ],
    [
      "GRD-202",
      "a CronJob of such pods",
      () =>
        object("CronJob", "batch/v1", {
          spec: {
            schedule: "0 0 * * *",
            jobTemplate: {
              spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "b" }] } } },
            },
          },
        }),
    ],
    ["GRD-216", "a load balancer", () => service({ type: "LoadBalancer" })],
    ["GRD-216", "a port of every node", () => service({ type: "NodePort" })],
    ["GRD-216", "a name outside", () => service({ type: "ExternalName", externalName: "example.com" })],
    ["GRD-216", "addresses outside", () => service({ externalIPs: ["203.0.113.5"] })],
    [
      "GRD-216",
      "an Ingress",
      () =>
        object("Ingress", "networking.k8s.io/v1", {
          spec: { defaultBackend: { service: { name: "chat", port: { number: 80 } } } },
        }),
    ],
    [
      "GRD-213",
      "a way out to the world",
      () => policy({ egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }] }] }),
    ],
    ["GRD-213", "a way out to everything", () => policy({ egress: [{}] })],
    [
      "GRD-254",
      "a way to pods of others",
      () =>
        policy({
          egress: [
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
                  podSelector: { matchLabels: { app: "relay" } },
                },
              ],
            },
          ],
        }),
    ],
    ["GRD-254", "a way to every pod beside", () => policy({ egress: [{ to: [{ podSelector: {} }] }] })],
    [
      "GRD-214",
      "a way to the metadata",
      () => policy({ egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }, openToTheWorld),
    ],
    ["GRD-215", "a way in for everybody", () => policy({ ingress: [{}] })],
    [
      "GRD-215",
      "a way in from addresses",
      () => policy({ ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 8000 }] }] }),
    ],
  ];
}

/** Configuration of the proxy that connects to one address. */
const envoy = (address: string, namespace = egress) => ({
  ...object("ConfigMap", "v1", { data: { "envoy.yaml": address } }),
  metadata: { name: "hostile", namespace },
});
const toAddress = (host: string, port: number) =>
  `address: { socket_address: { address: "${host}", port_value: ${port} } }`;

/** A rule of Cilium, whose definitions the test gives the cluster. */
const cilium = (rules: readonly object[], namespace = open) => ({
  apiVersion: "cilium.io/v2",
  kind: "CiliumNetworkPolicy",
  metadata: { name: "hostile", namespace },
  spec: { endpointSelector: {}, egress: rules },
});

/** What the API server must refuse of a stack with a proxy, each with the code of the rule and its name. */
export function hostileWaysOut(
  deployment: () => Manifest,
): readonly (readonly [code: string, name: string, () => Manifest])[] {
  const proxy = (change: Change) =>
    podOf(deployment(), (spec, metadata) => {
      metadata.labels["freehold/role"] = "egress-proxy";
      spec.serviceAccountName = "egress-proxy";
      change(spec, metadata);
    });
  const block = { ipBlock: { cidr: "10.20.3.0/24" } };
  return [
    [
      "GRD-229",
      "the proxy's role elsewhere",
      () =>
        proxy((spec) => {
          // The account of the proxy is not there.
          spec.serviceAccountName = "other";
        }),
    ],
    [
      "GRD-229",
      "the proxy's role beside its Deployment",
      () =>
        proxy((_, metadata) => {
          metadata.namespace = egress;
        }),
    ],
    ["GRD-250", "a way out beside the proxy", () => policy({ egress: [{ to: [block] }] })],
    ["GRD-250", "a way out for all pods beside the proxy", () => policy({ egress: [{ to: [block] }] }, egress)],
    ["GRD-251", "a proxy to another host", () => envoy(toAddress("evil.example.com", 443))],
    ["GRD-251", "a proxy to another port", () => envoy(toAddress("hub.example.com", 22))],
    ["GRD-251", "a proxy that writes a host in another way", () => envoy("socketAddress: { address: evil }")],
    ["GRD-251", "the same on lines of its own", () => envoy("socket_address:\n  address: evil\n  port_value: 443")],
    ["GRD-251", "a proxy that goes wherever it is asked to", () => envoy("cluster_type: { name: any }")],
    ["GRD-251", "a proxy with an administrator", () => envoy("admin: {}")],
    ["GRD-252", "a rule of the network plugin", () => cilium([{ toEntities: ["world"] }])],
    ["GRD-252", "the same for the proxy", () => cilium([{ toFQDNs: [{ matchName: "hub.example.com" }] }], egress)],
  ];
}

/** What comes close and is admitted. */
export const nearMisses: readonly (readonly [name: string, () => Manifest])[] = [
  [
    "a narrower way out for the proxy",
    () => ({
      ...policy({}, egress),
      spec: {
        podSelector: { matchLabels: { "freehold/role": "egress-proxy" } },
        egress: [{ to: [{ ipBlock: { cidr: "10.20.3.0/24" } }] }],
      },
    }),
  ],
  ["a proxy to the hub", () => envoy(`${toAddress("0.0.0.0", 3128)}\n${toAddress("hub.example.com", 443)}`)],
  ["a configuration of something else", () => envoy("admin: {}", open)],
  [
    "a way to the name servers",
    () =>
      policy({
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
          },
        ],
      }),
  ],
  ["a Service of the cluster", () => service({ type: "ClusterIP" })],
  [
    "a ConfigMap of one's own",
    () => object("ConfigMap", "v1", { data: { "weights.json": '{"files":[{"name":"model.safetensors"}]}' } }),
  ],
];
