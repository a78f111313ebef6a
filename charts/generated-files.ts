import { modelServerJsonSchema } from "../stacks/values/model-server-schema.ts";
import { chartReference } from "./reference.ts";
import { type ValuesSchema, valuesText } from "./values-text.ts";

const header = " Made from stacks/values/model-server-schema.ts by `npm run generate`. Do not edit.";

/**
 * Every generated file of the charts, by path from the root of the checkout. All of them come from the schema of the
 * values, so none can say something else than another.
 */
export function generatedChartFiles(modelServerChartYaml: string): Readonly<Record<string, string>> {
  const schema = modelServerJsonSchema();
  const values = valuesText(schema as ValuesSchema, header);
  return {
    "charts/model-server/README.md": chartReference(modelServerChartYaml, values),
    "charts/model-server/values.schema.json": `${JSON.stringify(schema, null, 2)}\n`,
    "charts/model-server/values.yaml": values,
  };
}
