import { stepsGraph, talkGraph, waitGraph } from "../graphs.mjs";

const graphs = { steps: stepsGraph, talk: talkGraph, wait: waitGraph };

/** The measured graphs as agents of the orchestrator. */
export default ({ agentKind, langgraph, z }) =>
  agentKind({
    settings: z.strictObject({ graph: z.enum(Object.keys(graphs)) }),
    build: ({ graph }, checkpointer) => graphs[graph](langgraph).compile({ checkpointer }),
  });
