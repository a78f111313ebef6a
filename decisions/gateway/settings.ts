import type { Config, GatewayConfig } from "../../config/schema/index.ts";
import { milliseconds } from "../../config/schema/primitives.ts";
import type { ModelBlueprint, ReleaseBlueprint } from "../blueprint.ts";
import { lookUp } from "../catalog/look-up.ts";
import { sortedEntries } from "../figures.ts";
import { sortedDataClasses, unclassified } from "./data-classes.ts";
import { mountedAt } from "./secrets.ts";

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
  readonly budgets?: { readonly urlFile: string; readonly blockShare: number };
  readonly redactor?: {
    readonly timeoutMilliseconds: number;
    readonly patterns: readonly { readonly name: string; readonly pattern: string }[];
  };
  readonly telemetry?: {
    readonly endpoint: string;
    readonly location: "inside";
    readonly sampleShare: number;
    readonly headersFile?: string;
  };
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
  readonly networks?: readonly string[];
  readonly tokenIds: boolean;
}

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
            certificateFile: mountedAt("certificate", "tls.crt"),
            keyFile: mountedAt("certificate", "tls.key"),
          },
        }),
    replicas,
    residencyMode: mode,
    dataClasses: classes,
    // Every backend is an engine of the stack, so that any class may go to it.
    placements: Object.keys(classes).map((dataClass) => ({ dataClass, tenant: "*", backends })),
    backends: Object.fromEntries(
      releases.map((release) => [release.release, backend(release, inferenceNamespace, gateway.networks)]),
    ),
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
    ...(gateway.keys === undefined ? {} : { keysFile: mountedAt("keys", gateway.keys.key) }),
    ...(gateway.jwt === undefined
      ? {}
      : {
          jwt: {
            issuer: gateway.jwt.issuer,
            audience: gateway.jwt.audience,
            jwksFile: mountedAt("key-set", gateway.jwt.keySet.key),
            tenantClaim: gateway.jwt.tenantClaim,
            dataClassClaim: gateway.jwt.dataClassClaim,
          },
        }),
    ...(gateway.budgets === undefined ? {} : { budgets: budgetSettings(gateway.budgets) }),
    ...(gateway.redactor === undefined ? {} : { redactor: redactorSettings(gateway.redactor) }),
    ...(gateway.telemetry === undefined ? {} : { telemetry: telemetrySettings(gateway.telemetry) }),
    deadlines: { drainMilliseconds, requestMilliseconds: answerSeconds * 1000 },
  };
}

function budgetSettings({
  url,
  blockShare,
}: NonNullable<GatewayConfig["budgets"]>): NonNullable<GatewaySettings["budgets"]> {
  return { urlFile: mountedAt("budgets", url.key), blockShare };
}

function redactorSettings({
  patterns = {},
  timeout,
}: NonNullable<GatewayConfig["redactor"]>): NonNullable<GatewaySettings["redactor"]> {
  return {
    timeoutMilliseconds: milliseconds(timeout),
    patterns: sortedEntries(patterns).map(([name, pattern]) => ({ name, pattern })),
  };
}

function telemetrySettings({
  endpoint,
  sampleShare,
  headers,
}: NonNullable<GatewayConfig["telemetry"]>): NonNullable<GatewaySettings["telemetry"]> {
  return {
    endpoint,
    location: "inside",
    sampleShare,
    ...(headers === undefined ? {} : { headersFile: mountedAt("telemetry", headers.key) }),
  };
}

function dataClassesOf(config: Config): GatewaySettings["dataClasses"] {
  const sorted = sortedDataClasses(config);
  if (sorted.length === 0) {
    const leavesBoundary = (config.residency?.mode ?? "none") === "none" ? "allowed" : "never";
    return { [unclassified]: { leavesBoundary, keepAnswers: false } };
  }
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
  networks: readonly string[] | undefined,
): GatewayBackend {
  return {
    url: `http://${release}-headless.${namespace}.svc:${portOf(engineArguments)}`,
    resolve: "a",
    model,
    digest: identity({ image, weights, engineArguments }),
    location: "inside",
    ...(networks === undefined ? {} : { networks }),
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
