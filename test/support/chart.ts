import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type HelmResult, helm, type Manifest, manifests } from "./helm.ts";

/** A chart of this checkout, as a release in a namespace. */
export interface TestChart<Values> {
  readonly path: string;
  template(values: unknown, release?: string): Promise<HelmResult>;
  /** Objects by `Kind/name`; helm must have nothing to say. */
  render(values: Values, release?: string): Promise<Readonly<Record<string, Manifest>>>;
  /** What helm says to values that it must refuse. */
  refusal(values: unknown, release?: string): Promise<string>;
}

/** `name` is the chart's folder; `usual` the release's name where a test gives none. */
export function testChart<Values>(name: string, namespace: string, usual = name): TestChart<Values> {
  const path = fileURLToPath(new URL(`../../charts/${name}`, import.meta.url));
  // The oldest version the chart allows, whatever helm was compiled with.
  const template = (values: unknown, release = usual) =>
    helm(["template", release, path, "--namespace", namespace, "--kube-version", "1.34"], values);
  return {
    path,
    template,
    async render(values, release) {
      const { code, stdout, stderr } = await template(values, release);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return manifests(stdout);
    },
    async refusal(values, release) {
      const { code, stdout, stderr } = await template(values, release);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      return stderr;
    },
  };
}
