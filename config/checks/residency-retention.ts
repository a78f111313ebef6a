import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { modeHere } from "../other-side.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** What is said about people does not stay in the agents' database for ever. */
export const residencyRetention = check({
  reads: ["agents", "residency"],
  run: (sections: Pick<Config, "agents" | "residency">): Finding[] => {
    const { agents, residency } = sections;
    if (agents === undefined || residency === undefined || residency.mode === "none") return [];
    if (agents.retention?.threadDays !== undefined) return [];
    const classes = residency.dataClasses ?? {};
    const people = Object.keys(classes).filter((name) => classes[name]?.personalData === true);
    // An assistant that names no class may be sent any.
    const carried = Object.entries(agents.assistants).flatMap(([assistant, { dataClass }]) => {
      const name = people.find((each) => dataClass === undefined || each === dataClass);
      return name === undefined ? [] : [{ assistant, name }];
    });
    const [first] = carried;
    if (first === undefined) return [];
    const place = agents.retention === undefined ? ["agents"] : ["agents", "retention"];
    const parameters = { assistant: first.assistant, dataClass: first.name, mode: residency.mode };
    return [
      finding("RES-125", at(place, "key"), parameters, [
        { path: ["residency", "dataClasses", first.name, "personalData"], text: "the class holds personal data" },
        modeHere(residency.mode),
      ]),
    ];
  },
});
