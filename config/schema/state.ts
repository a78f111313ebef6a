import * as z from "zod";

const text = z.string().min(1);

export const state = z
  .discriminatedUnion("backend", [
    z.strictObject({
      backend: z.literal("local").meta({ description: "A file under .freehold/. Only for the local target." }),
    }),
    z.strictObject({
      backend: z.literal("s3").meta({ description: "Amazon S3 or compatible, locked natively by a lock file." }),
      bucket: text.meta({ description: "Bucket that holds the state." }),
      region: text.meta({ description: "Region of the bucket." }),
      kmsKeyId: text.optional().meta({ description: "KMS key for the state. Left out: the bucket's own encryption." }),
      endpoint: z.url().optional().meta({ description: "Address of an S3-compatible store. Left out: Amazon's." }),
    }),
    z.strictObject({
      backend: z.literal("gcs").meta({ description: "Google Cloud Storage, locked natively." }),
      bucket: text.meta({ description: "Bucket that holds the state." }),
    }),
    z.strictObject({
      backend: z.literal("azurerm").meta({ description: "Azure Blob Storage, locked by a blob lease." }),
      resourceGroup: text.meta({ description: "Resource group of the storage account." }),
      storageAccount: text.meta({ description: "Storage account that holds the state." }),
      container: text.meta({ description: "Blob container that holds the state." }),
    }),
    z.strictObject({
      backend: z.literal("pg").meta({
        description: "PostgreSQL, locked by an advisory lock. The connection comes from PG_CONN_STR.",
      }),
    }),
    z.strictObject({
      backend: z.literal("http").meta({
        description:
          "An HTTP state server such as GitLab's. Credentials come from TF_HTTP_USERNAME and TF_HTTP_PASSWORD.",
      }),
      address: z.url().meta({
        description:
          "Base address; each stack's state is at `<address>/<name>-<environment>-<stack>`, its lock at `…/lock`.",
      }),
    }),
    z.strictObject({
      backend: z.literal("kubernetes").meta({
        description: "A Secret in the cluster, locked by a Lease. At most 1 MiB a stack.",
      }),
      namespace: text.meta({ description: "An existing namespace for the state Secrets." }),
    }),
  ])
  .meta({ description: "Where Terraform keeps its state: one key a stack and environment." });
