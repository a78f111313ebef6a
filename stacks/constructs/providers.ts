import { HelmProvider } from "@cdktf/provider-helm/lib/provider/index.js";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider/index.js";
import type { TerraformStack } from "cdktf";

/** Oldest Terraform and OpenTofu the output is meant for. */
const requiredVersion = ">= 1.11";

/**
 * The two providers of a stack. They find the cluster through KUBE_CONFIG_PATHS, and through KUBE_CTX unless the stack
 * file names a context: a path would tie the output to one machine.
 */
export function addProviders(
  stack: TerraformStack,
  providers: readonly ("kubernetes" | "helm")[],
  context: string | null,
): void {
  const connection = context === null ? {} : { configContext: context };
  if (providers.includes("kubernetes")) new KubernetesProvider(stack, "kubernetes", connection);
  if (providers.includes("helm")) new HelmProvider(stack, "helm", { kubernetes: connection });
  for (const provider of providers) {
    // OpenTofu resolves the short form to its own registry and then sees an upgrade in every plan (opentofu#2402).
    stack.addOverride(`terraform.required_providers.${provider}.source`, `hashicorp/${provider}`);
  }
  stack.addOverride("terraform.required_version", requiredVersion);
}
