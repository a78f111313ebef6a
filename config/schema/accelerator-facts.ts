import * as z from "zod";
import { sourced } from "./sourced.ts";

const positive = z.number().gt(0);

const denseTeraflops = z
  .strictObject({
    bf16: positive.optional().meta({ description: "In 16 bits. Left out: not known. 10^12 operations a second." }),
    fp8: positive
      .optional()
      .meta({ description: "In FP8. Left out: no FP8 units, or not known. 10^12 operations a second." }),
    fp4: positive
      .optional()
      .meta({ description: "In FP4. Left out: no FP4 units, or not known. 10^12 operations a second." }),
  })
  .meta({ description: "Peak speed of matrix multiplication without sparsity." });

const link = z
  .strictObject({
    kind: z.enum(["nvlink", "pcie", "infinity-fabric", "ethernet"]).meta({
      description: "How the GPUs of a node reach each other.",
    }),
    gigabytesPerSecond: positive.optional().meta({
      description: "Speed of one GPU in one direction. Left out: not known. GB/s, 10^9 bytes a second.",
    }),
    domainGpus: z.int().min(2).optional().meta({
      description: "GPUs that the link reaches. Left out: those of one node. GPUs.",
    }),
  })
  .meta({ description: "The link between GPUs." });

/** One kind of GPU. */
export const acceleratorFacts = z.strictObject({
  visibleMiB: z.int().min(1024).meta({
    description: "Memory that the driver reports for one GPU, less than the vendor's figure. MiB.",
  }),
  engineVisibleGiB: positive.optional().meta({
    description: "Memory that PyTorch reports, a little less again. Left out: the driver's figure is used. GiB.",
  }),
  memoryGigabytesPerSecond: positive.meta({
    description: "Memory bandwidth as the vendor states it. GB/s, 10^9 bytes a second.",
  }),
  denseTeraflops,
  generation: z.enum(["turing", "ampere", "ada", "hopper", "blackwell", "cdna3", "cdna4", "gaudi3"]).meta({
    description: "Architecture; the engine chooses kernels and some defaults by it.",
  }),
  link,
  boardWatts: positive.optional().meta({
    description: "Power limit of one GPU. Left out: not known. Watts.",
  }),
  ...sourced,
});

export type AcceleratorFacts = z.output<typeof acceleratorFacts>;
