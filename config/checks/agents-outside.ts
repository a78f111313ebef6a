import { sortedDataClasses } from "../data-classes.ts";
import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { isInside } from "../inside-place.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/**
 * What assistants call outside gets what they work on, as it is: nothing takes identifiers out of a tool's arguments or of the
 * values of a run. So only classes that may leave get there.
 */
export const agentsOutside = check({
  reads: ["agents"],
  needsAllOf: ["residency"],
  run: ({ agents, ...sections }: Partial<Config>) => {
    const bound = Object.entries(agents?.assistants ?? {}).flatMap(([assistant, { dataClass, toolServers = [] }]) => {
      const held = boundClass(sections.residency, dataClass);
      return held === null ? [] : [{ assistant, toolServers, ...held }];
    });
    const [first] = bound;
    if (agents === undefined || first === undefined) return [];
    const tools = bound.flatMap((each) =>
      each.toolServers.flatMap((server, index) => {
        const found = Object.hasOwn(agents.toolServers ?? {}, server) ? agents.toolServers?.[server] : undefined;
        if (found === undefined || isInside(found)) return [];
        return [
          outside(["agents", "assistants", each.assistant, "toolServers", index], `tool server "${server}"`, each),
        ];
      }),
    );
    const receivers = Object.entries(agents.webhooks?.receivers ?? {})
      .filter(([, receiver]) => !isInside(receiver))
      // Any run may name any receiver, so that one assistant is enough.
      .map(([name]) => outside(["agents", "webhooks", "receivers", name], `receiver "${name}"`, first, "key"));
    return [...tools, ...receivers];
  },
});

interface Bound {
  readonly assistant: string;
  readonly dataClass: string;
  readonly leaves: string;
}

function outside(path: ConfigPath, callee: string, { assistant, dataClass, leaves }: Bound, part?: "key"): Finding {
  const also = [
    { path: ["residency", "dataClasses", dataClass, "leavesBoundary"], text: `the class is set here: ${leaves}` },
  ];
  return finding("AGT-122", at(path, part), { assistant, dataClass, callee }, also);
}

/** The class that an assistant works with, where it may not leave as it is; null where it may, or where the file has no such class. */
function boundClass(residency: Config["residency"], named: string | undefined): Omit<Bound, "assistant"> | null {
  const [strictest] = sortedDataClasses({ residency }).filter(([name]) => named === undefined || name === named);
  if (strictest === undefined || strictest[1].leavesBoundary === "allowed") return null;
  return { dataClass: strictest[0], leaves: strictest[1].leavesBoundary };
}
