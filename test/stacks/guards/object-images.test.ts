// Proves: each guard below catches its mutants of a good stack and lets its near misses pass; what the good stack is stands
// in test/stacks/support/good-objects.ts.
import {
  type Any,
  describeGuards,
  digest,
  flag,
  image,
  inEngine,
  inJob,
  inVerifyingJob,
  limits,
  under,
  variable,
  weights,
} from "../support/good-objects.ts";

const commandOf =
  (...words: string[]) =>
  (container: Any) => {
    container.command = words;
  };
const from = (kind: string) => (container: Any) => {
  container.envFrom = [{ [kind]: { name: "other" } }];
};

describeGuards({
  "GRD-217": {
    caught: {
      "another registry": () =>
        inEngine(image(`registry.example.com/vllm/vllm-openai${digest}`), under("region-bound")),
      "a longer name": () => inEngine(image(`docker.io/vllm-more/vllm-openai${digest}`), under("region-bound")),
      "no host": () => inEngine(image(`busybox${digest}`), under("region-bound")),
      "in the Job": () => inJob(image(`quay.io/vllm/vllm-openai${digest}`), under("sovereign")),
    },
    passed: {
      "the host left out": () => inEngine(image(`vllm/vllm-openai${digest}`), under("region-bound")),
      "any, where none is named": () => inEngine(image(`quay.io/vllm/vllm-openai${digest}`)),
      "as it is": () => inEngine(() => undefined, under("sovereign")),
    },
  },
  "GRD-218": {
    caught: {
      latest: () => inEngine(image(`docker.io/vllm/vllm-openai:latest${digest}`)),
      nightly: () => inEngine(image(`docker.io/vllm/vllm-openai:nightly${digest}`)),
      "no tag": () => inEngine(image("docker.io/vllm/vllm-openai")).filter((code) => code !== "GRD-219"),
    },
    passed: {
      "a tag beside the digest": () => inEngine(image(`docker.io/vllm/vllm-openai:v0.33.0${digest}`)),
      "latest in the name": () => inEngine(image(`docker.io/vllm/latest${digest}`)),
      "a port": () => inEngine(image(`registry.example.com:5000/vllm${digest}`)),
    },
  },
  "GRD-219": {
    caught: {
      "a tag": () => inEngine(image("docker.io/vllm/vllm-openai:v0.33.0")),
      "a short digest": () => inEngine(image("docker.io/vllm/vllm-openai@sha256:abc")),
      "in the Job": () => inJob(image("docker.io/vllm/vllm-openai:v0.33.0")),
    },
    passed: {
      "the local target": () => inEngine(image("docker.io/vllm/vllm-openai:v0.33.0"), { ...limits, target: "local" }),
      "tag and digest": () => inEngine(image(`docker.io/vllm/vllm-openai:v0.33.0${digest}`)),
    },
  },
  "GRD-220": {
    caught: {
      "the flag": () => inEngine(flag("--trust-remote-code")),
      "the flag with a value": () => inEngine(flag("--trust-remote-code=true")),
      "inside an option": () => inEngine(flag("--mm-processor-kwargs", '{"trust_remote_code": true}')),
      "a variable": () => inEngine(variable("VLLM_TRUST_REMOTE_CODE", "1")),
      "in a line for a shell": () => inJob(commandOf("sh", "-c", "vllm serve /weights --trust-remote-code")),
    },
    passed: {
      "a variable that is off": () => inEngine(variable("VLLM_TRUST_REMOTE_CODE", "0")),
      "a name that is alike": () => inEngine(flag("--served-model-name", "trust-remote-code")),
    },
  },
  "GRD-221": {
    caught: {
      bin: () => weights("pytorch_model.bin"),
      pt: () => weights("model.safetensors", "extra/vision.PT"),
      pickle: () => weights("tokenizer.pickle"),
      "the way of loading": () => inEngine(flag("--load-format", "pt")),
      "the way of loading, in a line for a shell": () => inJob(commandOf("sh", "-c", "vllm serve --load-format=pt")),
    },
    passed: {
      safetensors: () => weights("model.safetensors", "config.json"),
      "a name with bin in it": () => weights("bin/model.safetensors", "binary.json"),
      "another way of loading": () => inEngine(flag("--load-format=safetensors")),
    },
  },
  "GRD-232": {
    caught: {
      "variables of a Secret": () => inEngine(from("secretRef")),
      "variables of a ConfigMap, in the Job": () => inJob(from("configMapRef")),
      "a shell before the engine": () => inEngine(commandOf("sh", "-c", "exec vllm serve")),
      "another program of the image": () => inEngine(commandOf("python3", "-m", "vllm.entrypoints.openai.api_server")),
      "what the image says": () =>
        inEngine((container) => {
          delete container.command;
        }),
      "options from a file": () => inEngine(flag("--config", "/weights/options.yaml")),
      "options from a file, as one word": () => inEngine(flag("--config=/weights/options.yaml")),
    },
    passed: {
      "a variable of a Secret by name": () =>
        inJob((container) => {
          container.env.push({ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hub", key: "token" } } });
        }),
      "the model as a word of the command": () => inEngine(commandOf("vllm", "serve", "Qwen/Qwen3-32B")),
      "a format of configurations": () => inEngine(flag("--config-format", "hf")),
      "a shell in another pod": () => inJob(commandOf("sh", "-c", "python3 /scripts/fetch.py")),
    },
  },
  "GRD-241": {
    caught: {
      "no verification": () =>
        inVerifyingJob((spec) => {
          spec.containers = spec.initContainers;
          spec.initContainers = [];
        }),
      "another image": () =>
        inVerifyingJob((spec) => {
          spec.containers[0].image = spec.initContainers[0].image;
        }),
      "a command that accepts everything": () =>
        inVerifyingJob((spec) => {
          spec.containers[0].command = ["true"];
        }),
      "words of its own": () =>
        inVerifyingJob((spec) => {
          spec.containers[0].args = ["--help"];
        }),
      "a step beside it": () =>
        inVerifyingJob((spec) => {
          spec.containers.unshift(spec.initContainers[0]);
        }),
      "without the key": () =>
        inVerifyingJob((spec) => {
          spec.volumes.find(({ secret }: { secret?: object }) => secret !== undefined).secret.optional = true;
        }),
    },
    passed: {
      "as it is": () => inVerifyingJob(() => undefined),
      "one more step before it": () =>
        inVerifyingJob((spec) => {
          spec.initContainers.push({ ...spec.initContainers[0], name: "unpack" });
        }),
      "no verification where nobody asks for it": () => inJob(() => undefined),
    },
  },
  "GRD-227": {
    caught: {
      "a branch": () =>
        inEngine((c) => {
          c.args[c.args.indexOf("--revision") + 1] = "main";
        }),
      "a short commit": () =>
        inEngine((c) => {
          c.args[c.args.indexOf("--tokenizer-revision") + 1] = "0123456789ab";
        }),
      none: () => inEngine((c) => c.args.splice(c.args.indexOf("--revision"), 2)),
    },
    passed: {
      "the local target": () =>
        inEngine(
          (c) => {
            c.args[c.args.indexOf("--revision") + 1] = "main";
          },
          { ...limits, target: "local" },
        ),
      "another commit": () =>
        inEngine((c) => {
          c.args[c.args.indexOf("--revision") + 1] = "ab".repeat(20);
        }),
    },
  },
});
