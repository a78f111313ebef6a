import { sortedDataClasses, unclassified } from "../../config/data-classes.ts";
import type { Config, GatewayConfig } from "../../config/schema/index.ts";
import { milliseconds } from "../../config/schema/primitives.ts";
import type { ModelBlueprint, ReleaseBlueprint } from "../blueprint.ts";
import { lookUp } from "../catalog/look-up.ts";
import { byName, sortedEntries } from "../figures.ts";
import { mountedAt } from "../mounted-secret.ts";
import type { FrontierFact, ResidencyBlueprint } from "../residency/facts.ts";
import { backendNameOf, outsideSettings, waysOf } from "./routes.ts";
import type { GatewayBackend, GatewayModel, GatewaySettings } from "./settings-form.ts";

interface SettingsSource {
  readonly config: Config;
  readonly gateway: GatewayConfig;
  readonly residency: Pick<ResidencyBlueprint, "frontiers" | "egress">;
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
  residency: { frontiers, egress },
  models,
  ports,
  replicas,
  inferenceNamespace,
  drainSeconds,
  answerSeconds,
}: SettingsSource): GatewaySettings {
  const mode = config.residency?.mode ?? "none";
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  const backends = releases.map((release) => release.release);
  const classes = dataClassesOf(config);
  const outside = outsideSettings(config, frontiers, egress.value);
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
    placements: placementsOf(Object.keys(classes), backends, frontiers),
    backends: {
      ...Object.fromEntries(
        releases.map((release) => [release.release, backend(release, inferenceNamespace, gateway.networks)]),
      ),
      ...outside.backends,
    },
    models: {
      ...Object.fromEntries(
        Object.entries(models).map(([name, model]) => [
          name,
          { ...modelSettings(name, model, config, gateway), ...waysOf(config, name, frontiers) },
        ]),
      ),
      ...outside.models,
    },
    tenants: Object.fromEntries(
      sortedEntries(gateway.tenants).map(([name, { models: called, dataClasses, limits, mayEscalate }]) => [
        name,
        {
          dataClasses: dataClasses ?? Object.keys(classes),
          models: called ?? Object.keys(models),
          ...(mayEscalate === true ? { mayEscalate } : {}),
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
    ...(config.routing?.leavingBodyBytes === undefined
      ? {}
      : { bounds: { leavingBodyBytes: config.routing.leavingBodyBytes } }),
    deadlines: { drainMilliseconds, requestMilliseconds: answerSeconds * 1000 },
  };
}

/** Every engine of the stack may get any class; a model outside gets what was decided, tenant by tenant. */
function placementsOf(
  classes: readonly string[],
  inside: readonly string[],
  frontiers: readonly FrontierFact[],
): GatewaySettings["placements"] {
  return classes.flatMap((dataClass) => {
    const open = frontiers.flatMap(({ name, requests }) =>
      requests
        .filter((request) => request.dataClass === dataClass)
        .flatMap(({ tenants }) => tenants.map((tenant) => ({ tenant, backend: backendNameOf(name) }))),
    );
    const tenants = [...new Set(open.map(({ tenant }) => tenant))].sort(byName);
    return [
      ...tenants.map((tenant) => ({
        dataClass,
        tenant,
        backends: [...inside, ...open.filter((pair) => pair.tenant === tenant).map(({ backend: name }) => name)],
      })),
      { dataClass, tenant: "*", backends: inside },
    ];
  });
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
