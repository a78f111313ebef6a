import { at, type Finding, finding } from "../config/diagnostics/finding.ts";
import type { Config } from "../config/schema/index.ts";
import type { EngineArgument, Reason } from "./blueprint.ts";
import { toolParsers } from "./catalog/tool-parsers.ts";
import { isAsTested } from "./engine-version.ts";
import { sortedEntries } from "./figures.ts";
import { because, policy } from "./reason.ts";
import type { VersionContext } from "./version-context.ts";

interface ToolCalls {
  /** Null where the engine looks for none: it then refuses requests that leave the choice of tools to the model. */
  readonly parser: string | null;
  readonly because: Reason;
}

/** How the engine of a version finds calls of tools: as the file says, else as the catalog knows of the model's family. */
function decideToolCalls(context: VersionContext): ToolCalls {
  const { version, versionPath } = context;
  const { toolCallParser: named, weights } = version;
  if (named !== undefined) {
    const text = named === "none" ? "The file wants no tools of this model." : `The file names ${named}.`;
    return { parser: named === "none" ? null : named, because: because(`${versionPath}.toolCallParser`, text) };
  }
  const name = weights.repository.slice(weights.repository.indexOf("/") + 1);
  const known = toolParsers.find(({ names }) => names.test(name));
  if (known === undefined) {
    const text = `Nothing is known of how ${weights.repository} writes calls of tools; \`toolCallParser\` of the version names a parser.`;
    return { parser: null, because: because("catalog.toolParsers", text) };
  }
  if (!isAsTested(context)) {
    const text = `The parser of its family is known for the engine that Freehold is tested with, and this may be an older one; \`toolCallParser\` of the version names it.`;
    return { parser: null, because: because("catalog.toolParsers", text) };
  }
  const text = `It finds the calls of tools in what ${weights.repository} writes (${known.source}).`;
  return { parser: known.parser, because: because("catalog.toolParsers", text) };
}

const choice = policy("Without it the engine refuses requests that leave the choice of tools to the model.");

/** The options of the engine that go with it; none for a model that answers with vectors. */
export function toolCallArguments(context: VersionContext): EngineArgument[] {
  if (context.model.task === "embed") return [];
  const { parser, because: reason } = decideToolCalls(context);
  if (parser === null) return [];
  return [
    { flag: "--enable-auto-tool-choice", value: null, because: [choice] },
    { flag: "--tool-call-parser", value: parser, because: [reason] },
  ];
}

/** Assistants with tools on a model whose engine looks for no calls. */
export function checkToolCalls({ agents }: Config, contexts: readonly VersionContext[]): Finding[] {
  return sortedEntries(agents?.assistants ?? {}).flatMap(([assistant, { model, toolServers = [] }]) => {
    if (toolServers.length === 0) return [];
    const [without] = contexts.filter(
      (context) => context.modelName === model && decideToolCalls(context).parser === null,
    );
    if (without === undefined) return [];
    const { versionName, version } = without;
    const place = at(["agents", "assistants", assistant, "toolServers"]);
    const also = [{ path: ["models", model, "versions", versionName], text: "no parser is known for this version" }];
    const parameters = { assistant, model, version: versionName, repository: version.weights.repository };
    return [finding("CAP-113", place, parameters, also)];
  });
}
