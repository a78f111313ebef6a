/** What a route needs to know of a listener of a Gateway. */
export interface Listener {
  readonly name: string;
  readonly protocol: string;
  readonly hostname?: string;
  readonly allowedRoutes?: {
    readonly namespaces?: { readonly from?: "All" | "Same" | "Selector"; readonly selector?: LabelSelector };
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A route as far as a listener asks for it: the namespace with the labels that it has or will be given. */
export interface AttachedRoute {
  readonly host: string;
  readonly namespace: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly gatewayNamespace: string;
}

/** What keeps an HTTPRoute from a listener, or TLS from its callers, each as the end of a sentence. */
export function listenerProblems(listener: Listener, route: AttachedRoute): readonly string[] {
  const problems = [
    listener.protocol === "HTTPS" ? null : `speaks ${listener.protocol} and ends no TLS for HTTP`,
    hostFits(listener.hostname, route.host) ? null : `answers for ${listener.hostname} and not for ${route.host}`,
    namespaceProblem(listener, route),
    kindProblem(listener),
  ];
  return problems.filter((problem) => problem !== null);
}

/** A wildcard stands for one label or more, as the Gateway API has it. */
function hostFits(hostname: string | undefined, host: string): boolean {
  if (hostname === undefined || hostname === "" || hostname === host) return true;
  return hostname.startsWith("*.") && host.endsWith(hostname.slice(1)) && host.length > hostname.length - 1;
}

function namespaceProblem(
  { allowedRoutes }: Listener,
  { namespace, namespaceLabels, gatewayNamespace }: AttachedRoute,
): string | null {
  const { from = "Same", selector = {} } = allowedRoutes?.namespaces ?? {};
  if (from === "All") return null;
  if (from === "Same") return namespace === gatewayNamespace ? null : `admits routes of ${gatewayNamespace} alone`;
  return isSelected(selector, namespaceLabels)
    ? null
    : `admits routes of namespaces with labels that ${namespace} lacks`;
}

function isSelected(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: AttachedRoute["namespaceLabels"],
) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const isListed = value !== undefined && values.includes(value);
      return operator === "In" ? isListed : !isListed;
    })
  );
}

function kindProblem({ allowedRoutes }: Listener): string | null {
  const kinds = allowedRoutes?.kinds ?? [];
  if (kinds.length === 0) return null;
  const takesRoutes = kinds.some(
    ({ group = "gateway.networking.k8s.io", kind }) => group === "gateway.networking.k8s.io" && kind === "HTTPRoute",
  );
  return takesRoutes ? null : `admits ${kinds.map(({ kind }) => kind).join(", ")} and no HTTPRoute`;
}
