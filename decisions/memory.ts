import type { Decided } from "./blueprint.ts";
import { countText, gibText } from "./figures.ts";
import { because, decided, policy } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";

const gib = 2 ** 30;
const sharedBytesOneGpu = 1 * gib;
const sharedBytesSeveralGpus = 8 * gib;
const serverBytes = 6 * gib;
const workerBytes = 4 * gib;
/** Repositories are commonly stored in files of at most 5 GB, and a worker reads file by file. */
const loadingBytesAtMost = 5 * gib;
/** API server and engine core: two processes that each keep a core busy. */
const coresBesideWorkers = 2;

/** Size of /dev/shm, as a memory volume that counts towards the container's limit. */
export function decideSharedMemory({ shape }: ReleaseContext): Decided<number> {
  const path = shape.tensorParallelSize.path;
  return shape.tensorParallelSize.value === 1
    ? decided(
        sharedBytesOneGpu,
        because(
          path,
          "The replica has one GPU, so no ranks exchange anything; 1 GiB is what KServe gives a single node for the server's own processes. The container default of 64 MiB is too little even for those.",
        ),
      )
    : decided(
        sharedBytesSeveralGpus,
        because(
          path,
          `The ${shape.tensorParallelSize.value} ranks exchange data through shared memory. KServe gives 8 GiB where ranks share a pod, production-stack 20 GiB, others no limit; it is a limit, not a reservation of its own, and counts inside the container's memory.`,
        ),
      );
}

/** Host memory of a replica: request and limit in one, so that a node never runs out under it. */
export function decideHostMemory(
  { shape }: ReleaseContext,
  weightBytes: Decided<number>,
  sharedMemory: Decided<number>,
): Decided<number> {
  const gpus = shape.tensorParallelSize.value;
  const loadingBytes = Math.min(loadingBytesAtMost, Math.ceil(weightBytes.value / gpus));
  const total = serverBytes + gpus * (workerBytes + loadingBytes) + sharedMemory.value;
  const value = Math.ceil(total / gib) * gib;
  return decided(
    value,
    policy(
      `${gibText(serverBytes)} for API server, tokenizer and engine core; for each of ${countText(gpus, "GPU")} ${gibText(workerBytes)} for its worker and ${gibText(loadingBytes)} to load weights through; ${gibText(sharedMemory.value)} of shared memory. Rounded up, that is ${gibText(value)}. The parts are Freehold's own cautious figures: no peer publishes measured ones. Weight files read from the volume also fill the page cache, which the kernel gives back.`,
    ),
    because(
      shape.tensorParallelSize.path,
      "Request and limit are equal: an engine killed for memory loses every request it holds.",
    ),
  );
}

/** CPU that a replica reserves; there is no limit, because a throttled worker stalls the GPUs of all. */
export function decideCpu({ shape }: ReleaseContext): Decided<{ readonly requestMillicores: number }> {
  const cores = coresBesideWorkers + shape.tensorParallelSize.value;
  return decided(
    { requestMillicores: cores * 1000 },
    because(
      shape.tensorParallelSize.path,
      `vLLM runs an API server, an engine core and one worker a GPU (docs.vllm.ai, architecture overview); each may keep a core busy, which makes ${cores} cores.`,
    ),
  );
}
