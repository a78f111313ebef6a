import * as z from "zod";

const reason = z.string().trim().min(1).max(2000);

/** What a person may answer to each kind of question; to a kind that is not here, anything. */
const answers = {
  approve_tool_call: z.union([
    z.object({ approve: z.literal(true), reason: reason.optional() }),
    z.object({ approve: z.literal(false), reason }),
  ]),
  answer_customer: z.object({ answer: z.string().min(1) }),
  unresolved_tool_call: z.union([
    z.object({ result: z.unknown() }).refine((one) => "result" in one),
    z.object({ refuse: reason }),
  ]),
} as const;

const shapes: Readonly<Record<keyof typeof answers, string>> = {
  approve_tool_call: '{ "approve": true } or { "approve": false, "reason": "why" }',
  answer_customer: '{ "answer": "text" }',
  unresolved_tool_call: '{ "result": ... } or { "refuse": "why" }',
};

/** The question's kind, by which its answers are checked; `other` for what a custom agent asks without one. */
export function kindOf(question: unknown): string {
  const kind = (question as { kind?: unknown } | null)?.kind;
  return typeof kind === "string" ? kind.slice(0, 100) : "other";
}

/** What is wrong with an answer; null when it will do. */
export function answerProblem(kind: string, answer: unknown): string | null {
  if (!isKnown(kind) || answers[kind].safeParse(answer).success) return null;
  return `The question is of the kind ${kind}; its answer is ${shapes[kind]}.`;
}

/** Whether the answer says no. */
export function isDenial(kind: string, answer: unknown): boolean {
  if (kind === "approve_tool_call") return (answer as { approve?: unknown }).approve === false;
  return kind === "unresolved_tool_call" && "refuse" in (answer as object);
}

/** What stands for the answer that nobody gave in time: always the one that does nothing. */
export function lateAnswer(kind: string): unknown {
  const late = "Nobody decided in time.";
  switch (kind) {
    case "approve_tool_call":
      return { approve: false, reason: late };
    case "answer_customer":
      return { answer: "No person answered in time." };
    case "unresolved_tool_call":
      return { refuse: late };
    default:
      return { expired: true, reason: late };
  }
}

function isKnown(kind: string): kind is keyof typeof answers {
  return Object.hasOwn(answers, kind);
}
