import { admissionPoliciesJsonSchema } from "../stacks/values/admission-policies-schema.ts";
import { egressProxyJsonSchema } from "../stacks/values/egress-proxy-schema.ts";
import { gatewayJsonSchema } from "../stacks/values/gateway-schema.ts";
import { modelServerJsonSchema } from "../stacks/values/model-server-schema.ts";
import { orchestratorJsonSchema } from "../stacks/values/orchestrator-schema.ts";
import { wayInJsonSchema } from "../stacks/values/way-in-schema.ts";
import { chartReference } from "./reference.ts";
import { type ValuesSchema, valuesText } from "./values-text.ts";

/** The schema of each chart's values, by the chart's folder. */
const schemas = {
  "admission-policies": admissionPoliciesJsonSchema,
  "egress-proxy": egressProxyJsonSchema,
  gateway: gatewayJsonSchema,
  "model-server": modelServerJsonSchema,
  orchestrator: orchestratorJsonSchema,
  "way-in": wayInJsonSchema,
} as const;

/**
 * Every generated file of the charts, by path from the root of the checkout. All of them come from the schema of the
 * values, so none can say something else than another. `read` gives the text of a file of the checkout.
 */
export function generatedChartFiles(read: (path: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(schemas).flatMap(([chart, jsonSchema]) => {
      const schema = jsonSchema();
      const header = ` Made from stacks/values/${chart}-schema.ts by \`npm run generate\`. Do not edit.`;
      const values = valuesText(schema as ValuesSchema, header);
      return [
        [`charts/${chart}/README.md`, chartReference(read(`charts/${chart}/Chart.yaml`), values)],
        [`charts/${chart}/values.schema.json`, `${JSON.stringify(schema, null, 2)}\n`],
        [`charts/${chart}/values.yaml`, values],
      ];
    }),
  );
}
