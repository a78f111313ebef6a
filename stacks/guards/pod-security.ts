import { at, finding } from "../../config/diagnostics/finding.ts";
import { fields, type Guard } from "./guard.ts";

const wanted = ["enforce", "audit", "warn"].flatMap((mode) => [
  { label: `pod-security.kubernetes.io/${mode}`, form: /^restricted$/ },
  { label: `pod-security.kubernetes.io/${mode}-version`, form: /^v1\.[0-9]+$/ },
]);

/** GRD-103: every namespace holds its pods to `restricted`, at a version that does not move. */
export const podSecurity: Guard = ({ resources }) =>
  resources
    .filter(({ type }) => type === "kubernetes_namespace_v1")
    .flatMap(({ name, configPath, body }) => {
      const labels = fields(fields(body.metadata).labels);
      return wanted
        .filter(({ label, form }) => !form.test(String(labels[label] ?? "")))
        .map(({ label }) => {
          const got = labels[label];
          return finding("GRD-103", at(configPath), {
            namespace: name,
            label,
            got: typeof got === "string" ? got : null,
          });
        });
    });
