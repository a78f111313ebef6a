// Proves: each guard below catches its mutants of a good stack and lets its near misses pass; what the good stack is stands
// in test/stacks/support/good-objects.ts.
import {
  added,
  afterChanging,
  describeGuards,
  flag,
  good,
  inEngine,
  inJob,
  inPod,
  pod,
  under,
  variable,
  withOneMore,
} from "../support/good-objects.ts";

const inJobPod = (mutate: Parameters<typeof pod>[0]) => afterChanging("Job", /^chat-v1/, pod(mutate));

describeGuards({
  "GRD-222": {
    caught: {
      "by value": () => inEngine(variable("HF_TOKEN", "x")),
      "from a Secret": () =>
        inEngine((c) => c.env.push({ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hub", key: "token" } } })),
      "by its older name": () => inEngine(variable("HUGGING_FACE_HUB_TOKEN", "x")),
    },
    passed: {
      "in the Job": () =>
        inJob((c) => c.env.push({ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hub", key: "token" } } })),
      "a name that is alike": () => inEngine(variable("HF_TOKENIZER", "x")),
    },
  },
  "GRD-223": {
    caught: {
      "developer mode": () => inEngine(variable("VLLM_SERVER_DEV_MODE", "1")),
      "adapters at run time": () => inEngine(variable("VLLM_ALLOW_RUNTIME_LORA_UPDATING", "True")),
      "templates of requests": () => inEngine(flag("--trust-request-chat-template")),
      "local files": () => inEngine(flag("--allowed-local-media-path", "/")),
      "a value from elsewhere": () =>
        inEngine((c) =>
          c.env.push({ name: "VLLM_SERVER_DEV_MODE", valueFrom: { configMapKeyRef: { name: "a", key: "b" } } }),
        ),
    },
    passed: {
      "developer mode off": () => inEngine(variable("VLLM_SERVER_DEV_MODE", "0")),
      "a template of one's own": () => inEngine(flag("--chat-template", "/etc/template")),
    },
  },
  "GRD-224": {
    caught: {
      "one left out": () => inEngine(variable("VLLM_NO_USAGE_STATS", undefined)),
      "one with another value": () => inEngine(variable("HF_HUB_OFFLINE", "0")),
      "in the Job": () => inJob(variable("HF_HUB_DISABLE_TELEMETRY", undefined)),
      "a sidecar": () => inPod(withOneMore({ env: [] })).filter((_, index) => index === 0),
      "software nobody has looked at": () =>
        inPod((_, t) => {
          t.metadata.labels["app.kubernetes.io/component"] = "exporter";
        }, under("sovereign")).filter((code) => code === "GRD-224"),
    },
    passed: {
      "one more": () => inEngine(variable("VLLM_CONFIGURE_LOGGING", "1")),
      "a sidecar with all of them": () => inPod(withOneMore({})),
    },
  },
  "GRD-225": {
    caught: {
      true: () => inEngine(variable("LANGSMITH_TRACING", "true")),
      "the older name": () => inEngine(variable("LANGCHAIN_TRACING_V2", "1")),
      "a value from elsewhere": () =>
        inEngine((c) =>
          c.env.push({ name: "LANGSMITH_TRACING", valueFrom: { secretKeyRef: { name: "a", key: "b" } } }),
        ),
    },
    passed: {
      false: () => inEngine(variable("LANGSMITH_TRACING", "false")),
      "another variable": () => inEngine(variable("LANGSMITH_HIDE_INPUTS", "true")),
    },
  },
  "GRD-228": {
    caught: {
      "no stack": () =>
        inPod((_, t) => {
          delete t.metadata.labels["freehold/stack"];
        }),
      "no environment": () =>
        inPod((_, t) => {
          delete t.metadata.labels["freehold/environment"];
        }),
      "an empty stack": () =>
        inPod((_, t) => {
          t.metadata.labels["freehold/stack"] = "";
        }),
    },
    passed: {
      "one label more": () =>
        inPod((_, t) => {
          t.metadata.labels.team = "platform";
        }),
      "another stack, which the API server holds against the namespace": () =>
        inPod((_, t) => {
          t.metadata.labels["freehold/stack"] = "other";
        }),
    },
  },
  "GRD-229": {
    caught: {
      "a serving pod": () =>
        inPod((spec, t) => {
          t.metadata.labels["freehold/role"] = "fetch-weights";
          spec.containers[0].env.push({ name: "HF_HUB_DISABLE_TELEMETRY", value: "1" });
          spec.containers[0].securityContext.readOnlyRootFilesystem = true;
        }),
      "a serving pod that would change the agents' tables": () =>
        inPod((spec, t) => {
          t.metadata.labels["freehold/role"] = "migrate-agents";
          spec.containers[0].env.push({ name: "LANGCHAIN_TRACING_V2", value: "false" });
          spec.containers[0].env.push({ name: "LANGSMITH_TRACING", value: "false" });
          spec.containers[0].securityContext.readOnlyRootFilesystem = true;
        }),
      "a Job as another account": () =>
        inJobPod((spec) => {
          spec.serviceAccountName = "other";
        }),
      "a pod by itself": () => {
        const job = good.find(({ kind }) => kind === "Job");
        const { metadata, spec } = job.spec.template;
        return added({ kind: "Pod", metadata: { ...metadata, name: "x", namespace: job.metadata.namespace }, spec });
      },
    },
    passed: {
      "a Job with a second container": () => inJobPod((spec) => withOneMore({})(spec)),
      "another role": () =>
        inPod((_, t) => {
          t.metadata.labels["example.com/role"] = "fetch-weights";
        }),
    },
  },
  "GRD-226": {
    caught: {
      requests: () => inEngine(flag("--enable-log-requests")),
      outputs: () => inEngine(flag("--enable-log-outputs=true")),
      "the level": () => inEngine(variable("VLLM_LOGGING_LEVEL", "DEBUG")),
    },
    passed: {
      "another level": () => inEngine(variable("VLLM_LOGGING_LEVEL", "INFO")),
      "switched off": () => inEngine(flag("--no-enable-log-requests")),
    },
  },
});
