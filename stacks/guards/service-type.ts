import { at, finding } from "../../config/diagnostics/finding.ts";
import { fields, type Guard, texts } from "./guard.ts";

const outward = new Set(["LoadBalancer", "NodePort", "ExternalName"]);

/** GRD-105: nothing is reachable from outside the cluster; a chart's values may not ask for it either. */
export const serviceType: Guard = ({ resources }) =>
  resources.flatMap(({ type, label, configPath, body }) => {
    const asked =
      type === "kubernetes_service_v1"
        ? [String(fields(body.spec).type)]
        : type === "helm_release"
          ? [...texts(body.values)].flatMap(({ text }) => [...texts(JSON.parse(text))].map((found) => found.text))
          : [];
    return asked
      .filter((kind) => outward.has(kind))
      .map((kind) => finding("GRD-105", at(configPath), { resource: label, type: kind }));
  });
