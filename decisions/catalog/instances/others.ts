import { instanceList } from "./instance-list.ts";

/** GPU instances of Google Cloud and of clouds that rent GPUs alone. None of the sources bears a date. */
export const otherInstances = [
  ...instanceList(
    "gcp",
    "us-central1",
    {
      source:
        "github.com/cloudpilot-ai/karpenter-provider-gcp initial-on-demand-prices.json @d917ceb (undated); vCPU and memory own knowledge",
      asOf: "unknown",
    },
    [
      {
        instance: "a2-highgpu-8g",
        accelerator: "nvidia-a100-40gb-sxm",
        gpus: 8,
        vcpus: 96,
        memoryGiB: 680,
        usdPerHour: 29.387,
      },
      {
        instance: "a2-ultragpu-1g",
        accelerator: "nvidia-a100-80gb-sxm",
        gpus: 1,
        vcpus: 12,
        memoryGiB: 170,
        usdPerHour: 5.069,
      },
      {
        instance: "a2-ultragpu-8g",
        accelerator: "nvidia-a100-80gb-sxm",
        gpus: 8,
        vcpus: 96,
        memoryGiB: 1360,
        usdPerHour: 40.55,
      },
      {
        instance: "a3-highgpu-1g",
        accelerator: "nvidia-h100-sxm",
        gpus: 1,
        vcpus: 26,
        memoryGiB: 234,
        usdPerHour: 11.061,
      },
      {
        instance: "a3-highgpu-8g",
        accelerator: "nvidia-h100-sxm",
        gpus: 8,
        vcpus: 208,
        memoryGiB: 1872,
        usdPerHour: 88.49,
      },
      { instance: "g2-standard-4", accelerator: "nvidia-l4", gpus: 1, vcpus: 4, memoryGiB: 16, usdPerHour: 0.7068 },
      { instance: "g2-standard-48", accelerator: "nvidia-l4", gpus: 4, vcpus: 48, memoryGiB: 192, usdPerHour: 4.0017 },
      { instance: "g2-standard-96", accelerator: "nvidia-l4", gpus: 8, vcpus: 96, memoryGiB: 384, usdPerHour: 8.003 },
    ],
  ),
  ...instanceList("nebius", null, { source: "skypilot-org/skypilot-catalog v8 (undated)", asOf: "unknown" }, [
    { instance: "1xH100", accelerator: "nvidia-h100-sxm", gpus: 1, vcpus: null, memoryGiB: null, usdPerHour: 2.95 },
    {
      instance: "1xH100 spot",
      accelerator: "nvidia-h100-sxm",
      gpus: 1,
      vcpus: null,
      memoryGiB: null,
      usdPerHour: 1.25,
      billing: "spot",
    },
    { instance: "1xH200", accelerator: "nvidia-h200-sxm", gpus: 1, vcpus: null, memoryGiB: null, usdPerHour: 3.5 },
    {
      instance: "1xH200 spot",
      accelerator: "nvidia-h200-sxm",
      gpus: 1,
      vcpus: null,
      memoryGiB: null,
      usdPerHour: 1.45,
      billing: "spot",
    },
    { instance: "8xB200", accelerator: "nvidia-b200-sxm", gpus: 8, vcpus: null, memoryGiB: null, usdPerHour: 44 },
    { instance: "1xL40S (low)", accelerator: "nvidia-l40s", gpus: 1, vcpus: null, memoryGiB: null, usdPerHour: 1.55 },
  ]),
  ...instanceList("lambda", null, { source: "skypilot-org/skypilot-catalog v8 (undated)", asOf: "unknown" }, [
    {
      instance: "8xH100 SXM",
      accelerator: "nvidia-h100-sxm",
      gpus: 8,
      vcpus: null,
      memoryGiB: null,
      usdPerHour: 31.92,
    },
    { instance: "8xB200", accelerator: "nvidia-b200-sxm", gpus: 8, vcpus: null, memoryGiB: null, usdPerHour: 53.52 },
    { instance: "1xGH200", accelerator: "nvidia-gh200", gpus: 1, vcpus: null, memoryGiB: null, usdPerHour: 2.29 },
  ]),
];
