import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatBody, Door, type Json } from "./support/door.ts";

let door: Door;
beforeAll(async () => {
  door = await Door.open({ engines: [["--step-ms", "0"]] });
});
afterAll(() => door?.close());

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

/** One request written byte by byte, so that no client mends its path. */
function raw(request: string): Promise<string> {
  const { hostname, port } = new URL(door.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resolve(text));
    socket.on("error", (error) => (text === "" ? reject(error) : resolve(text)));
  });
}

const engineRequests = async () =>
  ((await (await fetch(`${door.engines[0]?.url}/sim/seen`)).json()) as { requests: { path: string; body: Json }[] })
    .requests;

describe("paths", () => {
  const bases = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models"];
  const tricks = [
    (path: string) => `/${path}`,
    (path: string) => `${path}/`,
    (path: string) => path.replace("/v1", "/v1/"),
    (path: string) => path.replace("/v1", "/v1/."),
    (path: string) => path.replace("/v1", "/x/../v1"),
    (path: string) => path.replace("/v1", "/%76%31"),
    (path: string) => path.replace("/v1", "/v1/%2e%2e/v1"),
    (path: string) => path.replace("/v1/", "/v1%2f"),
    (path: string) => `${path};x=1`,
    (path: string) => path.replace("/v1", "/v1;x"),
    (path: string) => path.toUpperCase(),
    (path: string) => path.replace("v1", "V1"),
    (path: string) => `${path}?key=secret`,
    (path: string) => `${path}?`,
    (path: string) => `${path}%00`,
    (path: string) => `${path}%20`,
    (path: string) => path.replaceAll("/", "\\"),
    (path: string) => `${path}#x`,
    (path: string) => `http://engine${path}`,
    (path: string) => `/.${path}`,
    (path: string) => `${path}.json`,
    (path: string) => path.replace("/v1", "/v2"),
    (path: string) => path.replace("/v1", ""),
    (path: string) => path.replace("/v1", "/proxy/v1"),
  ];
  const engineOnly =
    "/invocations /pooling /classify /score /rerank /pause /resume /update_weights /tokenize /detokenize /health /metrics /version /load /ping /docs /openapi.json /sleep /wake_up /is_sleeping /reset_prefix_cache /reset_mm_cache /collective_rpc /start_profile /stop_profile /server_info /v1/responses /v1/audio/transcriptions /v1/audio/translations /v1/load_lora_adapter /v1/unload_lora_adapter /v1/score /v1/rerank /v2/rerank /inference/v1/generate /abort_requests /scale_elastic_ep /is_scaling_elastic_ep /init_weight_transfer_engine /sim/faults /sim/seen /healthz /readyz".split(
      " ",
    );
  const variants = [
    ...bases.flatMap((base) => tricks.map((trick) => trick(base))),
    ...engineOnly.flatMap((path) => [path, `/${path}`, `/v1/..${path}`]),
  ];

  it("gives nothing on any path but the four, whatever is done to it", async () => {
    const before = (await engineRequests()).length;
    expect(variants.length).toBeGreaterThan(200);
    for (const [index, path] of variants.entries()) {
      const method = index % 2 === 0 ? "GET" : "POST";
      const answer = await raw(
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Uri: /v1/models\r\nX-Original-Url: /v1/models\r\nAuthorization: Bearer test-key-of-acme\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      expect(answer, path).toMatch(/^HTTP\/1\.1 40[045] /);
    }
    expect((await engineRequests()).length).toBe(before);
  });

  it("gives the four to whom it knows, whatever Host says", async () => {
    const answer = await raw(
      "GET /v1/models HTTP/1.1\r\nHost: admin.internal\r\nAuthorization: Bearer test-key-of-acme\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("fields", () => {
  it.each([
    ["chat_template", "{{ x }}"],
    ["chat_template_kwargs", {}],
    ["mm_processor_kwargs", {}],
    ["guided_json", {}],
    ["kv_transfer_params", {}],
    ["return_token_ids", true],
    ["prompt_logprobs", 1],
    ["__proto__x", 1],
    ["priority", -5],
    ["vllm_xargs", {}],
  ])("refuses and names %s", async (field, value) => {
    const response = await door.chat("x", { [field]: value });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "field_not_allowed", param: field } });
  });

  const tool = { type: "function", function: { name: "f", parameters: { type: "object" } } };
  it.each<[string, string, Json]>([
    [
      "a further field of a format",
      "response_format.structures",
      { response_format: { type: "json_object", structures: [] } },
    ],
    ["a format of an engine's own", "response_format.type", { response_format: { type: "structural_tag" } }],
    [
      "a schema that is none",
      "response_format.json_schema.schema",
      { response_format: { type: "json_schema", json_schema: { name: "a", schema: "{}" } } },
    ],
    [
      "a grammar in a format",
      "response_format.json_schema.grammar",
      { response_format: { type: "json_schema", json_schema: { name: "a", grammar: "x" } } },
    ],
    ["a tool of another type", "tools.0.type", { tools: [{ type: "mcp", function: tool.function }] }],
    [
      "a further field of a tool",
      "tools.0.function.defer",
      { tools: [{ ...tool, function: { ...tool.function, defer: true } }] },
    ],
    [
      "a tool's name with a path in it",
      "tools.0.function.name",
      { tools: [{ type: "function", function: { name: "../x" } }] },
    ],
    ["a choice that is no tool", "tool_choice.mode", { tools: [tool], tool_choice: { type: "function", mode: "x" } }],
    ["a bias of a word", "logit_bias", { logit_bias: { hello: 1 } }],
    ["a bias without bounds", "logit_bias", { logit_bias: { 5: 1e9 } }],
    ["log probabilities as a number", "logprobs", { logprobs: 5 }],
    ["stop tokens as a text", "stop_token_ids", { stop_token_ids: "1,2" }],
    ["a reasoning effort as a list", "reasoning_effort", { reasoning_effort: ["high"] }],
    ["usage as a text", "stream_options.include_usage", { stream: true, stream_options: { include_usage: "yes" } }],
    [
      "a call without arguments",
      "messages.0.tool_calls.0.function",
      {
        messages: [
          { role: "assistant", content: null, tool_calls: [{ id: "a", type: "function", function: { name: "f" } }] },
        ],
      },
    ],
    [
      "a further field of a message",
      "messages.0.chat_template",
      { messages: [{ role: "user", content: "x", chat_template: "{{ x }}" }] },
    ],
  ])("refuses and names %s", async (_, param, more) => {
    const response = await door.chat("x", more);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "field_does_not_fit", param } });
  });

  it("takes a message back as an engine or a client's library wrote it, and passes on what engines read", async () => {
    const asked = { role: "user", content: "call it [[tool:f {}]]" };
    const first = await (await door.chat("", { messages: [asked], tools: [tool] })).json();
    const { message } = (first as { choices: { message: Json }[] }).choices[0] as { message: Json };
    expect(message).toMatchObject({ function_call: null, annotations: null });
    const [call] = message.tool_calls as Json[];
    const parsed = { ...call, function: { ...(call?.function as Json), parsed_arguments: {} } };
    const answered = { role: "tool", tool_call_id: call?.id, content: "done" };
    for (const calls of [[call], [parsed]]) {
      const messages = [asked, { ...message, parsed: null, reasoning: "so", tool_calls: calls }, answered];
      expect((await door.chat("", { messages, tools: [tool] })).status).toBe(200);
      const passed = (await engineRequests()).at(-1)?.body.messages as Json[] | undefined;
      expect(passed?.[1]).toEqual({ role: "assistant", content: null, tool_calls: [call] });
    }
    const plain = (await (await door.chat("hello")).json()) as { choices: { message: Json }[] };
    const messages = [{ role: "user", content: "hello" }, plain.choices[0]?.message, { role: "user", content: "more" }];
    expect((await door.chat("", { messages })).status).toBe(200);
  });

  it("puts the tenant's cache salt in the place of the caller's", async () => {
    await (await door.chat("salted", { cache_salt: "of another tenant" })).text();
    await (await door.chat("salted", {}, { authorization: "Bearer key-of-globex" })).text();
    const salts = (await engineRequests()).slice(-2).map(({ body }) => body.cache_salt);
    expect(salts[0]).toMatch(/^[\w-]{43}$/);
    expect(salts[1]).not.toBe(salts[0]);
  });

  it.each([
    "http://allowed.example/a.png",
    "https://other.example/a.png",
    "https://allowed.example:8443/a.png",
    "https://user@allowed.example/a.png",
    "file:///etc/passwd",
    "data:text/html;base64,AAAA",
  ])("refuses the image %s", async (url) => {
    const content = [{ type: "image_url", image_url: { url } }];
    const response = await door.post("/v1/chat/completions", { model: "chat", messages: [{ role: "user", content }] });
    expect(response.status).toBe(400);
  });

  it("takes an image that the request carries itself", async () => {
    const content = [
      { type: "text", text: "what is it" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    ];
    const body = { model: "chat", messages: [{ role: "user", content }], max_tokens: 3 };
    expect((await door.post("/v1/chat/completions", body)).status).toBe(200);
  });
});

describe("bad input", () => {
  const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
  it.each([
    ["no JSON", "{", 400],
    ["a list", "[]", 400],
    ["null", "null", 400],
    ["deep nesting", `{"model":"chat","messages":${deep}}`, 400],
    ["20 MB", `{"model":"chat","messages":"${"x".repeat(20 * 1024 * 1024)}"}`, 413],
    [
      "10,000 messages",
      JSON.stringify({
        model: "chat",
        messages: Array.from({ length: 10_000 }, () => ({ role: "user", content: "x" })),
      }),
      400,
    ],
    ["a model that is no text", '{"model":5,"messages":[{"role":"user","content":"x"}]}', 400],
    ["no messages", '{"model":"chat","messages":[]}', 400],
    ["an unknown role", '{"model":"chat","messages":[{"role":"root","content":"x"}]}', 400],
    ["a negative bound", JSON.stringify(chatBody("x", { max_tokens: -1 })), 400],
    ["half a token", JSON.stringify(chatBody("x", { max_tokens: 1.5 })), 400],
    ["a thousand choices", JSON.stringify(chatBody("x", { n: 1000 })), 400],
    ["an empty stop text", JSON.stringify(chatBody("x", { stop: "" })), 400],
    ["a prototype as model", JSON.stringify(chatBody("x", { model: "__proto__" })), 404],
  ])("answers %s with an error in OpenAI's form", async (_, body, status) => {
    const answer = await door.post("/v1/chat/completions", body).catch(() => null);
    // A client that is still sending 20 MB may see the connection close before it reads the answer.
    if (answer === null) expect(status).toBe(413);
    else {
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({
        error: { message: expect.any(String), type: "invalid_request_error", code: expect.any(String) },
      });
    }
    expect((await door.chat("still there", { max_tokens: 1 })).status).toBe(200);
  });

  it("refuses a flood of headers", async () => {
    const flood = Array.from({ length: 400 }, (_, index) => `X-${index}: ${"y".repeat(100)}\r\n`).join("");
    expect(await raw(`GET /v1/models HTTP/1.1\r\nHost: a\r\n${flood}Connection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  it("ends a hundred callers that send their headers a byte a second, and serves the others meanwhile", async () => {
    const { hostname, port } = new URL(door.url);
    const slow = Array.from({ length: 100 }, () => {
      const socket = connect(Number(port), hostname, () => socket.write("GET /v1/models HTTP/1.1\r\nHost: a\r\nX-A: "));
      const drip = setInterval(() => socket.write("a"), 1000);
      let text = "";
      socket.setEncoding("latin1").on("data", (chunk) => {
        text += chunk;
      });
      socket.on("error", () => {});
      return new Promise<string>((resolve) =>
        socket.on("close", () => {
          clearInterval(drip);
          resolve(text);
        }),
      );
    });
    expect((await door.chat("meanwhile", { max_tokens: 1 })).status).toBe(200);
    for (const text of await Promise.all(slow)) expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("does not repeat what was sent as a key", async () => {
    const response = await door.chat("x", {}, { authorization: "Bearer sk-very-secret-key" });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain("very-secret");
    expect(door.gateway.log.join("\n")).not.toContain("very-secret");
    expect(await codeOf(await door.chat("x", {}, { authorization: "" }))).toBe("no_credentials");
  });
});
