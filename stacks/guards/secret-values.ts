import { at, finding } from "../../config/diagnostics/finding.ts";
import { fields, type Guard, list, texts } from "./guard.ts";

/** Names of variables that hold what nobody else may know. */
const secretName = /(^|_)(TOKEN|PASSWORD|PASSWD|SECRET|APIKEY|API_KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)$/i;

/** Switches have such names too, as in HF_HUB_DISABLE_IMPLICIT_TOKEN. */
const switchValue = /^(|0|1|true|false|yes|no|on|off)$/i;

function holdsSecret(name: string, value: unknown): boolean {
  return typeof value === "string" && secretName.test(name) && !switchValue.test(value);
}

/** Shapes that issuers give their keys, so that they are recognised wherever they lie. */
const secretShape =
  /\bhf_[A-Za-z0-9]{30,}|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}|\bglpat-[A-Za-z0-9_-]{20}|\bsk-[A-Za-z0-9_-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** GRD-106: secrets are referred to and never carried. */
export const secretValues: Guard = ({ resources, releases, containers }) => {
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
  const shapes = resources.flatMap((resource) =>
    [...texts(resource.body)]
      .filter(({ text }) => secretShape.test(text))
      .map(({ at: attribute }) => ({ resource, attribute })),
  );
  return [...secretResources, ...variables, ...values, ...shapes].map(({ resource, attribute }) =>
    finding("GRD-106", at(resource.configPath), { resource: resource.label, attribute }),
  );
};
