import type { Config, GatewayConfig } from "../../config/schema/index.ts";
import type { ModelBlueprint, ReleaseBlueprint } from "../blueprint.ts";
import { lookUp } from "../catalog/look-up.ts";
import { byName, sortedEntries } from "../figures.ts";

/** Settings of the gateway's process, as its own schema reads them: services/gateway/src/settings.ts. */
export interface GatewaySettings {
  readonly listen: Address;
  readonly admin: Address;
  /** Where callers come in over TLS, through a load balancer. */
  readonly secure?: Address & { readonly certificateFile: string; readonly keyFile: string };
  readonly replicas: number;
  readonly residencyMode: string;
  readonly dataClasses: Readonly<Record<string, { readonly leavesBoundary: string; readonly keepAnswers: boolean }>>;
  readonly placements: readonly {
    readonly dataClass: string;
    readonly tenant: string;
    readonly backends: readonly string[];
  }[];
  readonly backends: Readonly<Record<string, GatewayBackend>>;
  readonly models: Readonly<Record<string, GatewayModel>>;
  readonly tenants: Readonly<Record<string, GatewayTenant>>;
  readonly keysFile?: string;
  readonly jwt?: Readonly<Record<string, string>>;
  readonly deadlines: { readonly drainMilliseconds: number; readonly requestMilliseconds: number };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

interface GatewayModel {
  readonly maxModelLen: number;
  readonly versions: Readonly<Record<string, { readonly weight: number; readonly backends: readonly string[] }>>;
  readonly price?: { readonly inputUsdPerMillionTokens: number; readonly outputUsdPerMillionTokens: number };
}

interface GatewayTenant {
  readonly dataClasses: readonly string[];
  readonly models: readonly string[];
  readonly limits?: GatewayConfig["tenants"][string]["limits"];
}

interface GatewayBackend {
  readonly url: string;
  /** Each address behind the headless Service is a replica of its own. */
  readonly resolve: "a";
  readonly model: string;
  readonly digest: string;
  readonly location: "inside";
  readonly tokenIds: boolean;
}

/** Where the chart mounts what the settings refer to, each Secret in a folder of its own. */
const mountedSecrets = {
  keys: "/etc/freehold/keys",
  keySet: "/etc/freehold/key-set",
  certificate: "/etc/freehold/certificate",
} as const;

/** Class of requests where the file defines none. */
const unclassified = "unclassified";
/** The strictest first: a request that names no class is taken for one. */
const strictness = ["never", "redacted", "allowed"] as const;

interface SettingsSource {
  readonly config: Config;
  readonly gateway: GatewayConfig;
  readonly models: Readonly<Record<string, ModelBlueprint>>;
  readonly ports: { readonly listen: number; readonly admin: number; readonly secure: number | null };
  readonly replicas: number;
  readonly inferenceNamespace: string;
  readonly drainSeconds: number;
  readonly answerSeconds: number;
}

/** What the gateway's process is told: where models are, who may call which, and where data of each class may go. */
export function gatewaySettings({
  config,
  gateway,
  models,
  ports,
  replicas,
  inferenceNamespace,
  drainSeconds,
  answerSeconds,
}: SettingsSource): GatewaySettings {
  const { residency } = config;
  const mode = residency?.mode ?? "none";
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  const backends = releases.map((release) => release.release);
  const classes = dataClassesOf(config);
  const drainMilliseconds = drainSeconds * 1000;
  return {
    listen: { host: "0.0.0.0", port: ports.listen },
    admin: { host: "0.0.0.0", port: ports.admin },
    ...(ports.secure === null
      ? {}
      : {
          secure: {
            host: "0.0.0.0",
            port: ports.secure,
            certificateFile: `${mountedSecrets.certificate}/tls.crt`,
            keyFile: `${mountedSecrets.certificate}/tls.key`,
          },
        }),
    replicas,
    residencyMode: mode,
    dataClasses: classes,
    // Every backend is an engine of the stack, so that any class may go to it.
    placements: Object.keys(classes).map((dataClass) => ({ dataClass, tenant: "*", backends })),
    backends: Object.fromEntries(releases.map((release) => [release.release, backend(release, inferenceNamespace)])),
    models: Object.fromEntries(
      Object.entries(models).map(([name, model]) => [name, modelSettings(name, model, config, gateway)]),
    ),
    tenants: Object.fromEntries(
      sortedEntries(gateway.tenants).map(([name, { models: called, dataClasses, limits }]) => [
        name,
        {
          dataClasses: dataClasses ?? Object.keys(classes),
          models: called ?? Object.keys(models),
          ...(limits === undefined ? {} : { limits }),
        },
      ]),
    ),
    ...(gateway.keys === undefined ? {} : { keysFile: `${mountedSecrets.keys}/${gateway.keys.key}` }),
    ...(gateway.jwt === undefined
      ? {}
      : {
          jwt: {
            issuer: gateway.jwt.issuer,
            audience: gateway.jwt.audience,
            jwksFile: `${mountedSecrets.keySet}/${gateway.jwt.keySet.key}`,
            tenantClaim: gateway.jwt.tenantClaim,
            dataClassClaim: gateway.jwt.dataClassClaim,
          },
        }),
    deadlines: { drainMilliseconds, requestMilliseconds: answerSeconds * 1000 },
  };
}

function dataClassesOf({ residency }: Config): GatewaySettings["dataClasses"] {
  const defined = Object.entries(residency?.dataClasses ?? {});
  if (defined.length === 0) {
    const leavesBoundary = (residency?.mode ?? "none") === "none" ? "allowed" : "never";
    return { [unclassified]: { leavesBoundary, keepAnswers: false } };
  }
  const sorted = defined.sort(
    ([a, { leavesBoundary: ofA }], [b, { leavesBoundary: ofB }]) =>
      strictness.indexOf(ofA) - strictness.indexOf(ofB) || byName(a, b),
  );
  return Object.fromEntries(
    sorted.map(([name, { leavesBoundary, keepAnswers }]) => [
      name,
      { leavesBoundary, keepAnswers: keepAnswers ?? false },
    ]),
  );
}

function backend(
  { release, model, image, weights, engineArguments }: ReleaseBlueprint,
  namespace: string,
): GatewayBackend {
  return {
    url: `http://${release}-headless.${namespace}.svc:${portOf(engineArguments)}`,
    resolve: "a",
    model,
    digest: identity({ image, weights, engineArguments }),
    location: "inside",
    tokenIds: true,
  };
}

function portOf(engineArguments: ReleaseBlueprint["engineArguments"]): string {
  const port = engineArguments.find(({ flag }) => flag === "--port")?.value;
  if (port === undefined || port === null) throw new Error("An engine is given no port.");
  return port;
}

/** Options that change nothing about the tokens an engine gives. */
const withoutEffect = new Set(["--disable-access-log-for-endpoints", "--host", "--port", "--shutdown-timeout"]);

/** Two replicas go on with each other's answers only where all of this is the same. */
function identity({
  image,
  weights,
  engineArguments,
}: Pick<ReleaseBlueprint, "image" | "weights" | "engineArguments">): string {
  const options = engineArguments
    .filter(({ flag }) => !withoutEffect.has(flag))
    .map(({ flag, value }) => (value === null ? flag : `${flag}=${value}`));
  return [`${weights.repository}@${weights.deployedRevision}`, image.value.deployed, ...options].join(" ");
}

function modelSettings(
  name: string,
  { versions, traffic }: ModelBlueprint,
  config: Config,
  gateway: GatewayConfig,
): GatewayModel {
  const model = lookUp(config.models, name);
  const price = lookUp(gateway.prices ?? {}, name);
  if (model === null) throw new Error(`The file has no model ${name}.`);
  return {
    maxModelLen: model.maxModelLen,
    versions: Object.fromEntries(
      Object.entries(versions).map(([version, { release }]) => [
        version,
        { weight: lookUp(traffic, version) ?? 0, backends: [release] },
      ]),
    ),
    ...(price === null
      ? {}
      : { price: { inputUsdPerMillionTokens: price.input.usd, outputUsdPerMillionTokens: price.output.usd } }),
  };
}
