import type { ErasedKind } from "../../src/agents/registry.ts";
import { shipped } from "../../src/agents/shipped.ts";
import { startService } from "../../src/service.ts";
import { settingsSchema } from "../../src/settings.ts";

/** A replica in this process, on a free port, with fast polling; `overrides` go over the defaults, `kinds` are known beside those that ship. */
export function startReplica(overrides: Record<string, unknown>, kinds: Record<string, ErasedKind> = {}) {
  const settings = settingsSchema.parse({ listen: { port: 0 }, ...overrides });
  return startService(settings, { ...shipped, ...kinds });
}

/** Settings of the agent `support` against a model server, with one tool of the given policy. */
export function supportAgent(model: { url: string; toolUrl: string }, tool: Record<string, unknown> = {}) {
  return {
    graph: "support",
    settings: {
      model: { url: model.url, model: "chat", dataClass: "customer" },
      tools: {
        refund: {
          description: "Refunds an order.",
          parameters: { type: "object", properties: { order: { type: "string" } } },
          url: model.toolUrl,
          policy: "once",
          ...tool,
        },
      },
    },
  };
}
