import * as z from "zod";

const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const commit = z.string().regex(/^[0-9a-f]{40}$/);
const instant = z.iso.datetime();

const bytes = z.int().min(1).optional().meta({
  description:
    "What it takes to carry it: layers and configuration as the registry holds them, of an image with several platforms those of linux/amd64. Left out: not known.",
});

/** A path inside a repository: relative, without `.` and `..`, control characters or backslashes. */
export const filePath = z.string().regex(/^(?!\/)(?!(.*\/)?\.{1,2}(\/|$))[^\p{Cc}\\]+$/u);

/** An image tag as it stood at the registry on one day. */
const lockedImage = z.strictObject({
  digest: sha256.meta({ description: "Digest of the manifest, or of the index when the image has several platforms." }),
  bytes,
  source: z.string().meta({ description: "Registry address that answered." }),
  resolvedAt: instant,
});

/** A model reference as it stood at the hub on one day. */
const lockedWeights = z.strictObject({
  commit: commit.meta({ description: "Full commit." }),
  files: z
    .record(
      filePath,
      z.strictObject({
        bytes: z.int().min(0),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
      }),
    )
    .meta({ description: "Every file of the commit that is served; sha256 where the hub stores one (large files)." }),
  source: z.string(),
  resolvedAt: instant,
});

const lockedChart = z.strictObject({ digest: sha256, bytes, source: z.string(), resolvedAt: instant });

/** `stack.lock.yaml`: references of one stack file, resolved. Keys are the references as written, `repository@revision` for weights. */
export const lockFile = z.strictObject({
  lockVersion: z.literal(1),
  stack: z.string().meta({ description: "`<name>/<environment>` of the stack file this lock belongs to." }),
  images: z.record(z.string(), lockedImage),
  weights: z.record(z.string(), lockedWeights),
  charts: z.record(z.string(), lockedChart),
});

export type Lock = z.output<typeof lockFile>;
export type LockedImage = Lock["images"][string];
export type LockedWeights = Lock["weights"][string];
