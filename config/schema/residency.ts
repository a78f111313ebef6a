import * as z from "zod";
import { name } from "./primitives.ts";

/** From the weakest to the strictest: each forbids everything that the ones before it forbid. */
export const residencyModes = ["none", "region-bound", "sovereign", "air-gapped"] as const;
export type ResidencyMode = (typeof residencyModes)[number];

/** From the weakest to the strongest hold on a key. */
export const keyCustodies = ["provider", "customer", "external", "local"] as const;
export type KeyCustody = (typeof keyCustodies)[number];

/** Rules that an exception may lift; everything else has none. */
export const exceptionRules = ["public-hub", "public-registry", "provider-keys"] as const;
export type ExceptionRule = (typeof exceptionRules)[number];

const place = z.string().min(1).max(60);

const dataClass = z.strictObject({
  personalData: z.boolean().meta({ description: "Whether requests of this class hold data about people." }),
  leavesBoundary: z.enum(["allowed", "redacted", "never"]).meta({
    description:
      "What of it may go to an API that somebody else runs: `allowed` all, and only without personal data; `redacted` what `gateway.redactor` leaves of it, and nothing without one; `never` nothing.",
  }),
  keepAnswers: z.boolean().optional().meta({
    description:
      "Whether the gateway may hold an answer in memory for ten minutes, so that a client which lost its connection can read on. Left out: it may not.",
  }),
});

const keys = z.strictObject({
  custody: z.enum(keyCustodies).meta({
    description:
      "Who holds the keys that encrypt what is kept: `provider` the cloud, `customer` you in the cloud's key service, `external` you outside it, `local` a device or store in your building. `region-bound` needs `customer` or more, `sovereign` needs `external` or more, `air-gapped` needs `local`.",
  }),
  reference: z.string().min(1).max(500).optional().meta({
    description:
      "Where the key is, never the key: an ARN of AWS KMS, a name of Google Cloud KMS, an address of Azure Key Vault, or `pkcs11:…`. Left out: allowed only with `provider`.",
  }),
});

const exception = z.strictObject({
  rule: z.enum(exceptionRules).meta({
    description:
      "What it lifts: `public-hub` weights may come from huggingface.co, `public-registry` the subject's image may come from a registry that `sources` does not name, `provider-keys` the cloud may hold the key. None of them holds from `sovereign` up.",
  }),
  subject: z.string().min(1).max(200).meta({
    description: "The part of this file that it is about, as a path: `models.chat.versions.v1`, `models`, `state`.",
  }),
  acceptedBy: z.string().min(1).max(100).meta({ description: "Who accepted it: a person or an office." }),
  reason: z.string().min(10).max(500).meta({ description: "Why it is accepted." }),
  until: z.iso.date().meta({
    description: "The day it ends, `YYYY-MM-DD`, at most 180 days ahead. From that day on it is an error.",
  }),
});

const signatures = z.strictObject({
  image: z.string().min(1).max(500).meta({
    description:
      "Image that holds the program which verifies, by digest: `registry.example.com/tools/model-signing@sha256:…`.",
  }),
  publicKeySecret: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "is no name of a Secret: small letters, digits, `-` and `.`")
    .meta({
      description: "Name of an existing Secret in the stack's namespace whose key `publicKey` holds the signer's key.",
    }),
  command: z.array(z.string().min(1).max(500)).min(1).max(40).optional().meta({
    description:
      "Program and its words; it ends with 0 only where the signature holds. `$(FREEHOLD_SNAPSHOT)` stands for the folder with the weights, `$(FREEHOLD_PUBLIC_KEY)` for the key's file. Left out: `model_signing verify key` of OpenSSF model signing, with the signature in `model.sig` beside the weights.",
  }),
});

const sources = z.strictObject({
  registries: z.array(z.string().min(1).max(200)).min(1).max(20).optional().meta({
    description:
      "Registries that images may come from, as `host` or `host/path`. Left out: any under `none`, no registry at all from `region-bound` up.",
  }),
  hub: z.string().min(1).max(200).optional().meta({
    description:
      "Host that serves weights in the form of the Hugging Face hub: your mirror. Left out: huggingface.co under `none`, nowhere from `region-bound` up.",
  }),
  networks: z.array(z.string().min(1).max(50)).min(1).max(64).optional().meta({
    description:
      "Where the hub and the hosts of `egress` stand, as networks such as `10.20.0.0/16`: the only addresses outside that may be reached. Left out: any address under `none`; from `region-bound` up none, unless the cluster's network plugin has rules by name.",
  }),
});

const hosts = z.array(z.string().min(1).max(200)).min(1).max(50);

const egress = z.strictObject({
  image: z.string().min(1).max(300).optional().meta({
    description:
      "Image of the proxy, an Envoy, with a tag or a digest. Left out: the release Freehold is tested with, from docker.io.",
  }),
  replicas: z.int().min(1).max(10).optional().meta({
    description: "Copies of the proxy. Left out: 2. Replicas.",
  }),
  hosts: z
    .strictObject({
      "fetch-weights": hosts.optional().meta({
        description:
          "For the Jobs that fetch weights: where the hub sends them on to for large files, such as its storage. Left out: none; for huggingface.co they are known.",
      }),
      orchestrator: hosts.optional().meta({
        description:
          "For agents, beside tool servers that stand outside: what graphs of your own call. Left out: none.",
      }),
    })
    .optional()
    .meta({
      description:
        "Hosts that a workload may reach beyond those the rest of the file says already, as `host` or `host:port` (443), by workload. Left out: none.",
    }),
});

export const residency = z.strictObject({
  mode: z.enum(residencyModes).meta({
    description:
      "Where data may go: `none` anywhere, `region-bound` nowhere outside `regions`, `sovereign` also to no provider and under no foreign key, `air-gapped` also over no connection out of the building. Each includes the one before.",
  }),
  regions: z.array(place).min(1).optional().meta({
    description:
      "Cloud regions (`eu-central-1`), countries (`de`) or areas (`eu`) that data may be processed and kept in. `region-bound` and `sovereign` need at least one. Left out: anywhere. Providers, the state's bucket, the key and the zones of node pools are held against it; where an existing cluster stands is not known to the file.",
  }),
  dataClasses: z.record(name, dataClass).optional().meta({
    description:
      "Kinds of data by name, which workloads refer to. Left out: none, and from `region-bound` up nothing may be escalated.",
  }),
  keys: keys.optional().meta({
    description: "Who holds the keys. Left out: the provider, which only `none` allows.",
  }),
  sources: sources.optional().meta({
    description: "Where images and weights come from. Left out: anywhere under `none`, nowhere from `region-bound` up.",
  }),
  egress: egress.optional().meta({
    description:
      "The forward proxy that is the only way out of the stack, and lets each workload through to named hosts. `region-bound` and `sovereign` always have it, `air-gapped` never. Left out: under `none` there is none, and the pods that fetch weights go out themselves; an empty `egress: {}` has one.",
  }),
  signatures: signatures.optional().meta({
    description:
      "How the signature of weights is verified before an engine may start from them. Left out: only their hashes are held against the lock, which `sovereign` and `air-gapped` refuse.",
  }),
  exceptions: z.record(name, exception).optional().meta({
    description: "Rules that are lifted for a time, by name. Every explanation lists them. Left out: none.",
  }),
});
