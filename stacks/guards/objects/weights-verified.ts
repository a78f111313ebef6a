import { fields, list } from "../guard.ts";
import { forPods, type ObjectGuard } from "./object-guard.ts";

/** The only pods that write weights. */
const writer = "fetch-weights";

/** GRD-241: where signatures are verified, a Job that fetches weights succeeds with its verification or not at all. */
export const weightsVerified: ObjectGuard = forPods("GRD-241", ({ component, spec }, { residency }) => {
  const wanted = residency.signatures.value;
  if (wanted === null || component !== writer) return [];
  const optional = list(spec.volumes).map((volume) => fields(fields(volume).secret).optional === true);
  const last = list(spec.containers).map(fields);
  return [
    ...(last.length === 1 && last[0]?.name === "verify" ? [] : ["does more in its last step than to verify"]),
    ...last.flatMap(({ image, command, args }) => [
      ...(image === wanted.image ? [] : [`has ${String(image)} verify, and decided is ${wanted.image}`]),
      ...(JSON.stringify(command) === JSON.stringify(wanted.command) && args === undefined
        ? []
        : ["is given another command than the one that was decided"]),
    ]),
    ...(optional.includes(true) ? ["starts without the signer's key"] : []),
  ];
});
