import { at, finding } from "../../config/diagnostics/finding.ts";
import type { TerraformJson } from "../build.ts";
import { fields, type Guard, list, texts } from "./guard.ts";

/** Names of variables that hold what nobody else may know. */
const secretName = /(^|_)(TOKEN|PASSWORD|PASSWD|SECRET|APIKEY|API_KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)$/i;

/** Switches have such names too, as in HF_HUB_DISABLE_IMPLICIT_TOKEN. */
const switchValue = /^(|0|1|true|false|yes|no|on|off)$/i;

function holdsSecret(name: string, value: unknown): boolean {
  return typeof value === "string" && secretName.test(name) && !switchValue.test(value);
}

/** Shapes that issuers give their keys, tokens that say so themselves, and passwords in addresses: recognised wherever they lie. */
const secretShapes = [
  /\bhf_[A-Za-z0-9]{30,}/,
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bghp_[A-Za-z0-9]{36}/,
  /\bglpat-[A-Za-z0-9_-]{20}/,
  /\bsk-[A-Za-z0-9_-]{20,}/,
  /\blsv2_[a-z]{2}_[0-9a-f]{32}/,
  /\bxox[abprs]-[A-Za-z0-9-]{20,}/,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{58}/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/"]*:[^\s@/"]+@/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];
/** Arguments of a release that carry values beside the reviewed ones, into state and plan. */
const besideValues = ["set", "set_list", "set_sensitive", "set_wo"];

/** GRD-106: secrets are referred to and never carried. */
export const secretValues: Guard = ({ stacks, resources, releases, containers }) => {
  const secretResources = resources
    .filter(({ type }) => type.startsWith("kubernetes_secret"))
    .map((resource) => ({ resource, attribute: "data" }));
  const variables = containers.flatMap(({ resource, body }) =>
    list(body.env)
      .map(fields)
      .filter(({ name, value }) => holdsSecret(String(name), value))
      .map(({ name }) => ({ resource, attribute: `env ${name}` })),
  );
  const values = releases.flatMap((resource) =>
    Object.entries(resource.values.env ?? {})
      .filter(([name, value]) => holdsSecret(name, value))
      .map(([name]) => ({ resource, attribute: `values.env.${name}` })),
  );
  const beside = releases.flatMap((resource) =>
    besideValues.filter((name) => resource.body[name] !== undefined).map((attribute) => ({ resource, attribute })),
  );
  const shapes = resources.flatMap((resource) =>
    secretsIn(resource.body).map((attribute) => ({ resource, attribute })),
  );
  return [
    ...[...secretResources, ...variables, ...values, ...beside, ...shapes].map(({ resource, attribute }) =>
      finding("GRD-106", at(resource.configPath), { resource: resource.label, attribute }),
    ),
    ...stacks.flatMap(({ name, json }) =>
      besideResources(json).map((attribute) =>
        finding("GRD-106", at(["name"]), { resource: `The stack ${name}`, attribute }),
      ),
    ),
  ];
};

function secretsIn(value: unknown): string[] {
  return [...texts(value)]
    .filter(({ text }) => secretShapes.some((shape) => shape.test(text)))
    .map(({ at: attribute }) => attribute);
}

/** Secrets in the rest of a stack; variables that the state would keep, and outputs that would show what is secret. */
function besideResources({ resource: _, ...json }: TerraformJson): string[] {
  const { variable, output } = fields(json);
  return [
    ...secretsIn(json),
    ...Object.entries(fields(variable))
      .filter(([, body]) => fields(body).sensitive === true && fields(body).ephemeral !== true)
      .map(([name]) => `variable.${name}`),
    ...Object.entries(fields(output))
      .filter(([, body]) => fields(body).sensitive === true)
      .map(([name]) => `output.${name}`),
  ];
}
