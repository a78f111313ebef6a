import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { isPrivate, parseNetwork } from "../../config/network.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { loadBalancers } from "../../decisions/catalog/load-balancers.ts";
import type {
  ExposureBlueprint,
  HttpRouteExposure,
  IngressExposure,
  LoadBalancerExposure,
  TlsBlueprint,
} from "../../decisions/exposure/blueprint.ts";
import { isAtLeast } from "../../decisions/residency/mode.ts";
import { stackLabels } from "../../stacks/labels.ts";
import type { ClusterAccess } from "./kubectl.ts";
import { type Listener, listenerProblems } from "./listener.ts";
import { type LiveObject, type ObjectReference, readList, readObject } from "./live-object.ts";

interface Metadata {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface WithConditions {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Gateway extends WithConditions {
  readonly spec: { readonly gatewayClassName: string; readonly listeners: readonly Listener[] };
}

/** A way in that is looked at, with the section of the stack file that asks for it. */
interface Look {
  readonly access: ClusterAccess;
  readonly blueprint: Blueprint;
  readonly section: "gateway" | "agents";
  readonly exposure: ExposureBlueprint;
}

/** Something that the file names, how to read it, and what its kind comes with. */
interface Wanted extends ObjectReference {
  /** `the Gateway gateways/internal`. */
  readonly object: string;
  /** Key of the stack file that names it. */
  readonly key: string;
  readonly missing: string;
  readonly install: string;
}

/** What the ways in refer to and the cluster does not have, or has otherwise. Nothing is changed. */
export async function checkWaysIn(access: ClusterAccess, blueprint: Blueprint): Promise<readonly Finding[]> {
  const sections = ["gateway", "agents"] as const;
  const findings = await Promise.all(
    sections.map((section) => {
      const exposure = blueprint[section]?.exposure ?? null;
      return exposure === null ? [] : checkWayIn({ access, blueprint, section, exposure }, exposure);
    }),
  );
  return findings.flat();
}

async function checkWayIn(look: Look, exposure: ExposureBlueprint): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    exposure.by === "http-route" ? gatewayFindings(look, exposure) : issuerFindings(look, exposure.tls),
    exposure.by === "ingress" ? ingressClassFindings(look, exposure) : [],
    exposure.by === "load-balancer" ? balancerFindings(look, exposure) : controllerFindings(look),
  ]);
  return findings.flat();
}

async function gatewayFindings(look: Look, { parent, host }: HttpRouteExposure): Promise<readonly Finding[]> {
  const wanted: Wanted = {
    resource: "gateways.gateway.networking.k8s.io",
    name: parent.name,
    namespace: parent.namespace,
    object: `the Gateway ${parent.namespace}/${parent.name}`,
    key: `${look.section}.exposure.parent`,
    missing: "Gateways: the definitions of the Gateway API are missing",
    install: "what runs your Gateways, with the definitions that belong to it,",
  };
  const gateway = await readObject<Gateway>(look.access, wanted);
  if (gateway.state !== "there") return absent(look, wanted, gateway);
  const { gatewayClassName, listeners } = gateway.object.spec;
  const { context } = look.access;
  const { object } = wanted;
  const namespace = look.exposure.namespace;
  const listener = listeners.find(({ name }) => name === parent.listener);
  const problems =
    listener === undefined
      ? [`is not one of it: it has ${listeners.map(({ name }) => name).join(", ")}`]
      : listenerProblems(listener, {
          host,
          namespace,
          namespaceLabels: await namespaceLabels(look),
          gatewayNamespace: parent.namespace,
        });
  return [
    ...problems.map((problem) =>
      finding(
        "RUN-153",
        { subject: context },
        { context, object, listener: parent.listener, problem, host, namespace, section: look.section },
      ),
    ),
    ...notReady(look, object, gateway.object, "Programmed"),
    ...(await gatewayClassFindings(look, gatewayClassName)),
  ];
}

async function gatewayClassFindings(look: Look, name: string): Promise<readonly Finding[]> {
  const object = `the GatewayClass ${name}`;
  const wanted: Wanted = {
    resource: "gatewayclasses.gateway.networking.k8s.io",
    name,
    object,
    key: `The Gateway under ${look.section}.exposure.parent`,
    missing: "GatewayClasses: the definitions of the Gateway API are missing",
    install: "what runs your Gateways, with the definitions that belong to it,",
  };
  const found = await readObject<WithConditions>(look.access, wanted);
  return found.state === "there" ? notReady(look, object, found.object, "Accepted") : absent(look, wanted, found);
}

/** Labels of the gateway's namespace: as they are, and as a deployment will write them where it is not there yet. */
async function namespaceLabels({ access, blueprint, exposure }: Look): Promise<Readonly<Record<string, string>>> {
  const found = await readObject<Metadata>(access, { resource: "namespaces", name: exposure.namespace });
  return {
    "kubernetes.io/metadata.name": exposure.namespace,
    ...(found.state === "there" ? found.object.metadata.labels : {}),
    ...stackLabels(blueprint),
  };
}

async function ingressClassFindings(look: Look, { ingressClass: name }: IngressExposure): Promise<readonly Finding[]> {
  const wanted: Wanted = {
    resource: "ingressclasses.networking.k8s.io",
    name,
    object: `the IngressClass ${name}`,
    key: `${look.section}.exposure.class`,
    missing: "IngressClasses",
    install: "an Ingress controller",
  };
  const found = await readObject<{ readonly spec: { readonly controller?: string } }>(look.access, wanted);
  if (found.state !== "there") return absent(look, wanted, found);
  const { controller = "" } = found.object.spec;
  const { context } = look.access;
  return controller === "k8s.io/ingress-nginx"
    ? [finding("RUN-156", { subject: context }, { context, className: name, controller, section: look.section })]
    : [];
}

async function issuerFindings(look: Look, { issuer }: TlsBlueprint): Promise<readonly Finding[]> {
  if (issuer === null) return [];
  const { namespace } = look.exposure;
  const isOfNamespace = issuer.kind === "Issuer";
  const object = `the ${issuer.kind} ${isOfNamespace ? `${namespace}/` : ""}${issuer.name}`;
  const wanted: Wanted = {
    resource: `${isOfNamespace ? "issuers" : "clusterissuers"}.cert-manager.io`,
    name: issuer.name,
    ...(isOfNamespace ? { namespace } : {}),
    object,
    key: `${look.section}.exposure.tls.issuer`,
    missing: `${issuer.kind}s: the definitions of cert-manager are missing`,
    install: "cert-manager",
  };
  const found = await readObject<WithConditions>(look.access, wanted);
  if (found.state === "there") return notReady(look, object, found.object, "Ready");
  if (found.state === "absent" && isOfNamespace) {
    const home = await readObject<Metadata>(look.access, { resource: "namespaces", name: namespace });
    // The first deployment makes it; an Issuer goes into it before the gateway's release can become ready.
    if (home.state === "absent") return unseen(look, object, `the namespace ${namespace} is not there yet`);
  }
  return absent(look, wanted, found);
}

/** Nodes of clouds that make internal load balancers by an annotation alone, by a label that all of them carry. */
const cloudNodes = {
  "google-load-balancer": { cloud: "GKE", label: "cloud.google.com/gke-nodepool" },
  "azure-load-balancer": { cloud: "AKS", label: "kubernetes.azure.com/cluster" },
} as const;

async function balancerFindings(look: Look, exposure: LoadBalancerExposure): Promise<readonly Finding[]> {
  const { context } = look.access;
  const { kind } = exposure;
  if (kind === "metallb") return poolFindings(look, exposure);
  if (kind === "aws-load-balancer") {
    const found = await readList(look.access, "targetgroupbindings.elbv2.k8s.aws", ["--all-namespaces"]);
    const missing = "AWS Load Balancer Controller: its definitions are missing";
    return found.state === "there" || found.state === "absent"
      ? []
      : withoutObject(look, "the AWS Load Balancer Controller", found, missing, "the AWS Load Balancer Controller");
  }
  const { cloud, label } = cloudNodes[kind];
  const nodes = await readList<Metadata>(look.access, "nodes", ["--selector", label]);
  return nodes.state === "there" && nodes.object.length === 0
    ? [finding("RUN-157", { subject: context }, { context, by: kind, cloud, label, section: look.section })]
    : [];
}

interface AddressPool extends Metadata {
  readonly spec: { readonly addresses?: readonly string[] };
}

async function poolFindings(look: Look, { annotations }: LoadBalancerExposure): Promise<readonly Finding[]> {
  const name = annotations.value[loadBalancers.metallb.poolAnnotation ?? ""] ?? "";
  const found = await readList<AddressPool>(look.access, "ipaddresspools.metallb.io", ["--all-namespaces"]);
  const object = `MetalLB's pool ${name}`;
  if (found.state !== "there") {
    return withoutObject(look, object, found, "pools of MetalLB: its definitions are missing", "MetalLB");
  }
  const { context } = look.access;
  const pool = found.object.find(({ metadata }) => metadata.name === name);
  if (pool === undefined) {
    const others = found.object.map(({ metadata }) => metadata.name);
    const key = `${look.section}.exposure.addressPool`;
    return [finding("RUN-152", { subject: context }, { context, object, key, others })];
  }
  const mode = look.blueprint.residency.mode.value;
  if (!isAtLeast(mode, "region-bound")) return [];
  return (pool.spec.addresses ?? [])
    .filter((range) => !isPrivateRange(range))
    .map((range) =>
      finding("RUN-159", { subject: context }, { context, pool: name, range, mode, section: look.section }),
    );
}

/** Whether no address of `10.0.0.0/24`, or of `10.0.0.10-10.0.0.20`, is one of the internet's. */
function isPrivateRange(range: string): boolean {
  const [first, last = first] = range.split("-").map((text) => {
    const address = text.trim();
    return parseNetwork(address.includes("/") ? address : `${address}/${address.includes(":") ? 128 : 32}`);
  });
  return first != null && last != null && isPrivate({ ...first, last: last.last });
}

/** Whether any pod carries the labels that the network policy lets in. */
async function controllerFindings({ access, section, exposure: { from } }: Look): Promise<readonly Finding[]> {
  if (from.kind !== "clients") return [];
  const namespace = from.namespaceLabels["kubernetes.io/metadata.name"] ?? "";
  const selector = Object.entries(from.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const pods = await readList(access, "pods", ["--namespace", namespace, "--selector", selector]);
  const { context } = access;
  return pods.state === "there" && pods.object.length === 0
    ? [finding("RUN-158", { subject: context }, { context, namespace, selector, section })]
    : [];
}

async function absent(look: Look, wanted: Wanted, found: Exclude<LiveObject<unknown>, { state: "there" }>) {
  const { object, key, missing, install } = wanted;
  if (found.state !== "absent") return withoutObject(look, object, found, missing, install);
  const where = wanted.namespace === undefined ? [] : ["--namespace", wanted.namespace];
  const list = await readList<Metadata>(look.access, wanted.resource, where);
  const others = list.state === "there" ? list.object.map(({ metadata }) => metadata.name) : [];
  const { context } = look.access;
  return [finding("RUN-152", { subject: context }, { context, object, key, others })];
}

/** The finding about something that is not there because its kind is unknown, or that nobody let us see. */
function withoutObject(
  look: Look,
  object: string,
  found: Exclude<LiveObject<unknown>, { state: "there" }>,
  missing: string,
  install: string,
): readonly Finding[] {
  if (found.state === "hidden") return unseen(look, object, found.reason);
  const { context } = look.access;
  const { exposure } = look;
  const by = exposure.by === "load-balancer" ? exposure.kind : exposure.by;
  return [finding("RUN-151", { subject: context }, { context, by, missing, install, section: look.section })];
}

function unseen({ access: { context } }: Look, object: string, reason: string): readonly Finding[] {
  return [finding("RUN-155", { subject: context }, { context, object, reason: reason.replace(/\.$/, "") })];
}

/** What its controller has not said, or has denied. */
function notReady(
  { access: { context } }: Look,
  object: string,
  { status }: WithConditions,
  type: string,
): readonly Finding[] {
  const condition = status?.conditions?.find((one) => one.type === type);
  if (condition?.status === "True") return [];
  const words = [condition?.message, condition?.reason].find((text) => text !== undefined && text !== "");
  const state = `its condition ${type} is ${condition?.status ?? "not set"}${words === undefined ? "" : `: ${words.replace(/\.$/, "")}`}`;
  return [finding("RUN-154", { subject: context }, { context, object, state })];
}
