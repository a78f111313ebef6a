import { capital } from "../../config/diagnostics/capital.ts";
import { loadBalancers } from "../catalog/load-balancers.ts";
import { durationText } from "../figures.ts";
import { reasonList } from "../reason.ts";
import { partyText } from "../residency/text.ts";
import type { ExposureBlueprint } from "./blueprint.ts";

/** A way in from outside the cluster, as lines of a stack's explanation; `section` is the one that has it. */
export function exposureLines(section: "gateway" | "agents", exposure: ExposureBlueprint): string[] {
  const { host, url, from, timeoutSeconds, annotations, unchecked } = exposure;
  const written = Object.entries(annotations.value).map(([key, value]) => `\`${key}: ${value}\``);
  return [
    "",
    "### From outside the cluster",
    "",
    `Callers outside reach it at ${url}, through ${wayText(exposure)}. ${capital(partyText(from))} may connect to its port ${exposure.port}, and nobody else from outside; ${pathsText(exposure)}. ${certificateText(exposure)}`,
    "",
    `**In front of it, an answer may take ${durationText(timeoutSeconds.value)}.**`,
    "",
    ...reasonList(timeoutSeconds.because),
    "- It follows from the longest answer.",
    "",
    ...(written.length === 0
      ? []
      : [
          `**${exposure.by === "ingress" ? "The controller" : "Whoever makes it"} is told ${written.join(", ")}.**`,
          "",
          ...reasonList(annotations.because),
          ...(exposure.by === "ingress" ? [`- Set \`${section}.exposure.software\` for another controller.`] : []),
          "",
        ]),
    "What could not be checked here:",
    "",
    `- Whether ${host} leads there: the record in DNS is yours to make.`,
    ...unchecked.map((text) => `- ${text}`),
    "",
  ];
}

function pathsText({ paths, pathMatch }: ExposureBlueprint): string {
  return pathMatch === "exact" ? `answered are ${paths.join(", ")}` : `passed on is all below ${paths.join(", ")}`;
}

function wayText(exposure: ExposureBlueprint): string {
  if (exposure.by === "ingress") return `an Ingress of the class ${exposure.ingressClass}`;
  if (exposure.by === "load-balancer") return loadBalancers[exposure.kind].name;
  const { namespace, name, listener } = exposure.parent;
  return `the listener ${listener} of the Gateway ${namespace}/${name}`;
}

function certificateText(exposure: ExposureBlueprint): string {
  if (exposure.by === "http-route") return "The listener has the certificate.";
  const { secret, issuer } = exposure.tls;
  return issuer === null
    ? `The certificate lies in the Secret ${secret}.`
    : `cert-manager has the ${issuer.kind} ${issuer.name} make the certificate, in the Secret ${secret}.`;
}
