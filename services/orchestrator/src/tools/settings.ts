import * as z from "zod";

const policy = z.enum(["readOnly", "idempotent", "once", "reconcile"]).meta({
  description: "Whether a call may happen again; a server's own hints do not count.",
});
const approval = z.boolean().default(false).meta({ description: "A person must allow each call." });
const timeoutSeconds = z.number().positive().default(30);
const maxResultBytes = z
  .int()
  .min(1)
  .default(64 * 1024)
  .meta({ description: "What is beyond it is cut, and the model is told." });

const tokenFile = z
  .string()
  .min(1)
  .optional()
  .meta({ description: "File with a bearer token, mounted from a Secret; read at each call. Left out: none is sent." });

const reconcileIsSaid = {
  message: "The policy reconcile needs `reconcile`: how to find out whether a call took place.",
};

const httpTool = z
  .strictObject({
    description: z.string().min(1),
    parameters: z.record(z.string(), z.unknown()).meta({ description: "JSON schema of the arguments." }),
    url: z.url().meta({ description: "Where the arguments are posted as JSON; the answer's text is the result." }),
    policy,
    reconcile: z.url().optional().meta({
      description:
        "Where a lost call is asked for: gets `{ key, arguments }`; 200 with its result, or 404 if it never took place.",
    }),
    approval,
    tokenFile,
    timeoutSeconds,
    maxResultBytes,
  })
  .refine((tool) => (tool.policy === "reconcile") === (tool.reconcile !== undefined), reconcileIsSaid);
export type HttpToolSettings = z.output<typeof httpTool>;

const serverTool = z
  .strictObject({
    policy,
    reconcile: z.string().min(1).optional().meta({
      description:
        "Tool of the same server that gets `{ key, arguments }` and answers with the lost call's result, or with an error if it never took place.",
    }),
    approval,
  })
  .refine((tool) => (tool.policy === "reconcile") === (tool.reconcile !== undefined), reconcileIsSaid);

const toolServer = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).meta({
    description: "Endpoint of an MCP server (streamable HTTP); nothing outside this origin is ever called for it.",
  }),
  tokenFile,
  timeoutSeconds,
  maxResultBytes,
  tools: z
    .record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/), serverTool)
    .meta({ description: "The tools that may be called. What else the server has does not exist for the model." }),
});
export type ToolServerSettings = z.output<typeof toolServer>;

/** Settings of every agent that calls tools. Models see a server's tool as `<server>__<tool>`. */
export const toolFields = {
  tools: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), httpTool)
    .default({})
    .refine((tools) => !Object.keys(tools).some((name) => name.includes("__")), {
      message: "A tool's name holds no `__`: that joins the name of a tool server and its tool.",
    }),
  toolServers: z.record(z.string().regex(/^[a-z][a-z0-9]{0,31}$/), toolServer).default({}),
};
const toolSettings = z.strictObject(toolFields);
export type ToolSettings = z.output<typeof toolSettings>;
