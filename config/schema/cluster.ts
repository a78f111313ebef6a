import * as z from "zod";

const existing = z.strictObject({
  context: z.string().min(1).optional().meta({
    description:
      "A context of your kubeconfig. Left out: the one given to `--context`, remembered by the cluster's identity.",
  }),
  uid: z.uuid().optional().meta({
    description:
      "UID of the cluster's `kube-system` namespace. Freehold refuses every other cluster. Left out: the UID seen at the first deployment, kept on that machine only.",
  }),
  cni: z.enum(["cilium", "other"]).optional().meta({
    description:
      "The cluster's network plugin, if it has rules by name: with `cilium` hosts without `residency.sources.networks` are let out by name as well. Left out: `other`, and no rule by name is written.",
  }),
  storageClass: z.string().min(1).meta({
    description:
      "Storage class for model weights. It must offer ReadWriteMany: all replicas of a version read one copy.",
  }),
});

export const cluster = z
  .discriminatedUnion("target", [
    z.strictObject({
      target: z.literal("local").meta({
        description:
          "A real Kubernetes control plane on this machine with simulated GPU nodes. Containers do not run there.",
      }),
    }),
    z.strictObject({
      target: z.literal("existing").meta({ description: "A cluster that is already there." }),
      existing: existing.meta({ description: "How to reach the cluster and where it keeps weights." }),
    }),
  ])
  .meta({ description: "Where the stack runs." });
