import * as z from "zod";
import { runBody } from "./accept-run.ts";
import { approvalsQuery } from "./approvals.ts";
import { graphQueries } from "./assistant-graphs.ts";
import { versionBodies } from "./assistant-versions.ts";
import { assistantBodies } from "./assistants.ts";
import { cronBodies } from "./crons.ts";
import { batchBody, cancelRunsBody, runQueries } from "./runs.ts";
import { storeBodies } from "./store.ts";
import { threadBodies } from "./threads.ts";

type Method = "get" | "post" | "put" | "patch" | "delete";

interface Operation {
  summary: string;
  body?: z.ZodType;
  query?: z.ZodObject;
  /** What a success answers with; JSON when left out. */
  answer?: "stream" | "nothing";
  /** Answered without credentials. */
  isOpen?: boolean;
}

/** Every route by its path, with the schemas that check what comes in. */
const paths: Readonly<Record<string, Partial<Record<Method, Operation>>>> = {
  "/ok": { get: { summary: "Whether the port answers.", isOpen: true } },
  "/info": { get: { summary: "Version and what this server can do.", isOpen: true } },
  "/openapi.json": { get: { summary: "This document.", isOpen: true } },
  "/assistants": { post: { summary: "Makes an assistant.", body: assistantBodies.create } },
  "/assistants/search": { post: { summary: "Finds assistants.", body: assistantBodies.search } },
  "/assistants/count": { post: { summary: "Counts assistants.", body: assistantBodies.count } },
  "/assistants/{id}/versions": { post: { summary: "What an assistant was before.", body: versionBodies.list } },
  "/assistants/{id}/latest": { post: { summary: "Goes back to a version.", body: versionBodies.latest } },
  "/assistants/{id}/graph": { get: { summary: "An assistant's graph, to be drawn.", query: graphQueries.graph } },
  "/assistants/{id}/schemas": { get: { summary: "The keys of an assistant's state." } },
  "/assistants/{id}/subgraphs": {
    get: { summary: "The graphs within an assistant's graph.", query: graphQueries.subgraphs },
  },
  "/assistants/{id}/subgraphs/{namespace}": {
    get: { summary: "The graphs within one of an assistant's graphs.", query: graphQueries.subgraphs },
  },
  "/assistants/{id}": {
    get: { summary: "An assistant, by id or agent's name." },
    patch: { summary: "Changes an assistant.", body: assistantBodies.update },
    delete: { summary: "Removes an assistant.", answer: "nothing" },
  },
  "/threads": { post: { summary: "Makes a thread.", body: threadBodies.create } },
  "/threads/search": { post: { summary: "Finds threads.", body: threadBodies.search } },
  "/threads/count": { post: { summary: "Counts threads.", body: threadBodies.search } },
  "/threads/prune": { post: { summary: "Removes threads, or their history.", body: threadBodies.prune } },
  "/threads/{id}": {
    get: { summary: "A thread." },
    patch: { summary: "Adds to a thread's metadata.", body: threadBodies.change },
    delete: { summary: "Removes a thread with all it holds.", answer: "nothing" },
  },
  "/threads/{id}/copy": { post: { summary: "Copies a thread with its history." } },
  "/threads/{id}/state": {
    get: { summary: "A thread's state.", query: z.object({ subgraphs: z.stringbool().optional() }) },
    post: { summary: "Changes a thread's state.", body: threadBodies.updateState },
    patch: { summary: "Adds to a thread's metadata.", body: threadBodies.patchState, answer: "nothing" },
  },
  "/threads/{id}/state/{checkpoint}": { get: { summary: "A thread's state at a checkpoint." } },
  "/threads/{id}/state/checkpoint": {
    post: { summary: "A thread's state at a checkpoint.", body: threadBodies.stateAt },
  },
  "/threads/{id}/history": {
    get: {
      summary: "A thread's states, newest first.",
      query: threadBodies.historyQuery,
    },
    post: { summary: "A thread's states, newest first.", body: threadBodies.history },
  },
  "/threads/{thread}/runs": {
    get: { summary: "A thread's runs, newest first.", query: runQueries.list },
    post: { summary: "Begins a run.", body: runBody },
  },
  "/threads/{thread}/runs/stream": {
    post: { summary: "Begins a run and streams it.", body: runBody, answer: "stream" },
  },
  "/threads/{thread}/runs/wait": { post: { summary: "Begins a run and waits for it.", body: runBody } },
  "/threads/{thread}/runs/crons": {
    post: { summary: "Begins runs on a thread by the clock.", body: cronBodies.create },
  },
  "/threads/{thread}/runs/{run}": {
    get: { summary: "A run." },
    delete: { summary: "Removes a run that has ended.", answer: "nothing" },
  },
  "/threads/{thread}/runs/{run}/cancel": {
    post: {
      summary: "Ends a run.",
      query: runQueries.cancel,
      answer: "nothing",
    },
  },
  "/threads/{thread}/runs/{run}/join": { get: { summary: "Waits for a run.", query: runQueries.join } },
  "/threads/{thread}/runs/{run}/stream": {
    get: {
      summary: "Streams a run, from after `Last-Event-ID` where that is sent.",
      query: runQueries.stream,
      answer: "stream",
    },
  },
  "/threads/{thread}/stream": {
    get: {
      summary: "Streams a thread's runs one after the other, from after `Last-Event-ID` where that is sent.",
      query: runQueries.stream.pick({ stream_mode: true }),
      answer: "stream",
    },
  },
  "/runs/cancel": {
    post: { summary: "Ends runs.", body: cancelRunsBody, query: runQueries.cancel, answer: "nothing" },
  },
  "/runs/{run}/stream": {
    get: {
      summary: "Streams a run, from after `Last-Event-ID` where that is sent.",
      query: runQueries.stream,
      answer: "stream",
    },
  },
  "/approvals": { get: { summary: "What people were asked and decided, newest first.", query: approvalsQuery } },
  "/threads/{thread}/approvals": {
    get: { summary: "What people were asked of a thread and decided, newest first.", query: approvalsQuery },
  },
  "/runs": { post: { summary: "Begins a run on a thread of its own.", body: runBody } },
  "/runs/stream": {
    post: { summary: "Begins a run on a thread of its own and streams it.", body: runBody, answer: "stream" },
  },
  "/runs/wait": { post: { summary: "Begins a run on a thread of its own and waits for it.", body: runBody } },
  "/runs/batch": { post: { summary: "Begins runs, each on a thread of its own.", body: batchBody } },
  "/runs/crons": { post: { summary: "Begins runs by the clock.", body: cronBodies.create } },
  "/runs/crons/search": { post: { summary: "Finds crons.", body: cronBodies.search } },
  "/runs/crons/count": { post: { summary: "Counts crons.", body: cronBodies.search } },
  "/runs/crons/{cron}": {
    patch: { summary: "Changes a cron.", body: cronBodies.change },
    delete: { summary: "Removes a cron.", answer: "nothing" },
  },
  "/store/items": {
    put: { summary: "Keeps an item.", body: storeBodies.put, answer: "nothing" },
    get: { summary: "An item, or null.", query: storeBodies.get },
    delete: { summary: "Removes an item.", body: storeBodies.delete, answer: "nothing" },
  },
  "/store/items/search": { post: { summary: "Finds items.", body: storeBodies.search } },
  "/store/namespaces": { post: { summary: "Lists namespaces.", body: storeBodies.namespaces } },
};

/** The API in OpenAPI 3.1. */
export function openApiDocument() {
  return {
    openapi: "3.1.0",
    info: {
      title: "Orchestrator",
      version: "0.1.0",
      description: "Threads, runs, assistants, crons and a store in the wire format of LangGraph's SDKs.",
    },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, operations]) => [
        path,
        Object.fromEntries(
          Object.entries(operations).map(([method, operation]) => [method, describe(path, operation)]),
        ),
      ]),
    ),
    components: {
      securitySchemes: {
        key: { type: "apiKey", in: "header", name: "x-api-key" },
        token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
      },
      schemas: { Problem: { type: "object", properties: { detail: { type: "string" } }, required: ["detail"] } },
    },
    security: [{ key: [] }, { token: [] }],
  };
}

function describe(path: string, { summary, body, query, answer, isOpen }: Operation) {
  const type = answer === "stream" ? "text/event-stream" : "application/json";
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: !schema.safeParse(undefined).success,
    schema: jsonSchema(schema),
  }));
  return {
    summary,
    ...(isOpen ? { security: [] } : {}),
    parameters: [...inPath, ...inQuery],
    ...(body === undefined ? {} : { requestBody: { content: { "application/json": { schema: jsonSchema(body) } } } }),
    responses: {
      ...(answer === "nothing"
        ? { 204: { description: "Done." } }
        : { 200: { description: "Done.", content: { [type]: { schema: {} } } } }),
      default: {
        description: "Why not.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

/** What a caller may send, in the JSON Schema that OpenAPI 3.1 takes. */
function jsonSchema(schema: z.ZodType) {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
