import { expect, it } from "vitest";
import { localEngineObstacle, startLocalEngine } from "../../../test/support/local-engine.ts";
import { startService } from "../../../test/support/service-process.ts";
import { Door, type Json, readStream } from "./support/door.ts";
import { engineContract, type Subject } from "./support/engine-contract.ts";

const obstacle = localEngineObstacle();
const simulatorFlags = ["--step-ms", "1", "--max-model-len", "8192"];

/** The gateway before an engine of another make, which the door does not start itself. */
async function gatewayBefore(engines: readonly Subject[], more: Json = {}): Promise<Subject & { readonly door: Door }> {
  const names = engines.map((_, index) => `engine-${index}`);
  const door = await Door.open({
    engines: [],
    settings: () => ({
      backends: Object.fromEntries(
        engines.map(({ url }, index) => [
          names[index],
          { url, model: "chat", digest: "d", location: "inside", ...more },
        ]),
      ),
      placements: [{ dataClass: "internal", tenant: "*", backends: names }],
      models: { chat: { maxModelLen: 8192, versions: { v1: { weight: 1, backends: names } } } },
      deadlines: { firstTokenMilliseconds: 20_000 },
    }),
  });
  return {
    door,
    url: door.url,
    headers: { authorization: "Bearer test-key-of-acme" },
    async stop() {
      await door.close();
      await Promise.all(engines.map((engine) => engine.stop()));
    },
  };
}

engineContract("the simulator", null, () => startService("engine-simulator", simulatorFlags));
engineContract("llama.cpp", obstacle, startLocalEngine);
engineContract("the gateway before the simulator", null, async () =>
  gatewayBefore([await startService("engine-simulator", simulatorFlags)]),
);
engineContract("the gateway before llama.cpp", obstacle, async () =>
  gatewayBefore([await startLocalEngine()], { tokenIds: false }),
);

it("ends a stream that llama.cpp breaks off with a typed error behind a prefix of the answer", async (context) => {
  if (obstacle !== null) context.skip(obstacle);
  const engine = await startLocalEngine();
  const gateway = await gatewayBefore([engine], { tokenIds: false });
  try {
    const more = { stream: true, max_tokens: 2000, temperature: 0 };
    const response = await gateway.door.chat("Tell a long story.", more);
    let isKilled = false;
    const result = await readStream(response, (text) => {
      if (!isKilled && text.length > 2000) {
        isKilled = true;
        engine.signal("SIGKILL");
      }
      return false;
    });
    expect(isKilled).toBe(true);
    expect(result).toMatchObject({ isDone: true, finish: null, error: { code: "stream_interrupted" } });
    expect(result.text.length).toBeGreaterThan(5);
  } finally {
    await gateway.stop();
  }
});
