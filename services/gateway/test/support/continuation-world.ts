import { Answer } from "../../../engine-simulator/src/answer.ts";
import { Generator } from "../../../engine-simulator/src/generator.ts";
import { encode } from "../../../engine-simulator/src/vocabulary.ts";
import type { Continuation, ContinuationRequest, EngineEvent } from "../../src/continuation.ts";
import { random } from "./random.ts";

const weights = "weights-1";

interface World {
  readonly prompt: readonly number[];
  readonly request: ContinuationRequest;
  readonly seed: number;
  readonly ignoreEnd: boolean;
  /** Tokens in one event, as an engine sends them that writes less often. */
  readonly tokensPerEvent: number;
  /** Whether the finish comes in an event of its own. */
  readonly finishApart: boolean;
  readonly draw: () => number;
}

function limits(world: World, maxTokens: number, minTokens: number, stop: readonly string[]) {
  return { maxTokens, minTokens, ignoreEnd: world.ignoreEnd, stop };
}

function worldOf(seed: number): World {
  const draw = random(seed);
  const whole = (most: number) => Math.floor(draw() * most);
  const prompt = encode(`a question number ${seed} of some length`);
  const maxTokens = draw() < 0.8 ? 1 + whole(120) : null;
  const minTokens = draw() < 0.4 ? whole(30) : 0;
  const tokensPerEvent = minTokens === 0 && draw() < 0.3 ? 2 + whole(3) : 1;
  const base = {
    prompt,
    seed,
    ignoreEnd: draw() < 0.5,
    tokensPerEvent,
    // Where several tokens share an event, vLLM sends the finish with the last of them.
    finishApart: tokensPerEvent === 1 && draw() < 0.3,
    draw,
  };
  const free: World = {
    ...base,
    request: { stop: [], includeStop: false, minTokens, maxTokens, maxModelLen: prompt.length + 100 },
  };
  // A stop string that does occur says more than one that never does.
  const stop: string[] = [];
  if (draw() < 0.6) {
    const { text } = oracle(free);
    const at = whole(text.length);
    const piece = text.slice(at, at + 1 + whole(14));
    // Half a character, or the sign for one at the end of an answer, is no text that a caller could ask for.
    const isText = piece !== "" && !/[\p{Surrogate}\uFFFD]/u.test(piece);
    stop.push(isText ? piece : "never there", "nor this");
  }
  return { ...free, request: { ...free.request, stop, includeStop: draw() < 0.3 } };
}

interface Outcome {
  readonly text: string;
  readonly reason: string;
  readonly stopReason: unknown;
  readonly tokens: number;
}

/** What one engine that never fails answers, stop strings found by itself. */
function oracle(world: World): Outcome {
  const { request, prompt, seed } = world;
  const maxTokens = request.maxTokens ?? request.maxModelLen - prompt.length;
  const answer = new Answer(
    new Generator(prompt, weights, seed),
    limits(world, maxTokens, request.minTokens, request.stop),
  );
  let text = "";
  for (;;) {
    const piece = answer.next();
    text += piece.text;
    if (piece.finish === null) continue;
    if (request.includeStop && piece.stopReason !== null) text += piece.stopReason;
    return { text, reason: piece.finish, stopReason: piece.stopReason, tokens: answer.tokens };
  }
}

/** The events of a replica that is given `prompt` and may make `maxTokens` tokens. */
function* replica(
  world: World,
  prompt: readonly number[],
  maxTokens: number,
  minTokens: number,
): IterableIterator<EngineEvent> {
  const answer = new Answer(new Generator(prompt, weights, world.seed), limits(world, maxTokens, minTokens, []));
  let ids: number[] = [];
  let text = "";
  while (!answer.isOver) {
    const piece = answer.next();
    ids.push(...piece.ids);
    text += piece.text;
    const isFull = ids.length >= world.tokensPerEvent && (world.tokensPerEvent === 1 || piece.text !== "");
    if (!isFull && piece.finish === null) continue;
    const finish = world.finishApart ? null : piece.finish;
    yield { ids, text, finish, stopReason: null };
    if (finish === null && piece.finish !== null) yield { ids: [], text: "", finish: piece.finish, stopReason: null };
    ids = [];
    text = "";
  }
}

/** What is wrong with the continuation in the world of this seed; null when nothing is. */
export function faultOf(seed: number, Subject: typeof Continuation): string | null {
  const world = worldOf(seed);
  const { request, prompt, draw } = world;
  const expected = oracle(world);
  const subject = new Subject(request);
  let delivered = "";
  let end: { reason: string; stopReason: unknown } | null = null;
  let events = replica(world, prompt, request.maxTokens ?? request.maxModelLen - prompt.length, request.minTokens);
  let given: readonly number[] = prompt;
  const cutShare = draw() < 0.5 ? 0.02 : 0.15;
  for (let steps = 0; end === null; steps += 1) {
    if (steps > 2000) return "does not come to an end";
    const isCut = draw() < cutShare;
    const next = isCut ? undefined : events.next();
    if (next !== undefined && !next.done) {
      subject.learnPrompt(given);
      const delivery = subject.accept(next.value);
      delivered += delivery.text;
      end = delivery.finish;
    } else {
      const resumed = subject.resume();
      if (resumed === null) {
        if (steps === 0 || given === prompt) {
          // Nothing has come yet: the request is simply made again.
          events = replica(world, prompt, request.maxTokens ?? request.maxModelLen - prompt.length, request.minTokens);
          continue;
        }
        return "cannot go on";
      }
      if ("delivery" in resumed) {
        delivered += resumed.delivery.text;
        end = resumed.delivery.finish;
      } else {
        given = resumed.fields.prompt as number[];
        const left = resumed.fields.max_tokens as number;
        if (left < 1) return "asks for no token";
        events = replica(world, given, left, (resumed.fields.min_tokens as number | undefined) ?? 0);
      }
    }
    if (!expected.text.startsWith(delivered)) return "delivered what is no prefix of the answer";
  }
  if (delivered !== expected.text) return "ended early";
  if (end.reason !== expected.reason || end.stopReason !== expected.stopReason) return "ended for another reason";
  if (!subject.isOver) return "does not know that it is over";
  if (world.tokensPerEvent === 1 && subject.tokens !== expected.tokens) return "counted other tokens";
  return subject.promptTokens === prompt.length ? null : "counted another prompt";
}
