import { ApiError } from "./api-error.ts";
import type { Break } from "./engine-call.ts";

/** An answer that ends early, and can go on nowhere. */
export function interrupted(message: string): ApiError {
  return new ApiError(502, "stream_interrupted", `${message} What was delivered is a prefix of the answer.`, {
    retryAfterSeconds: 1,
  });
}

/** @param waitMilliseconds Until a backend that was taken out of use may be asked again. */
export function nobodyAnswers(waitMilliseconds: number): ApiError {
  return new ApiError(503, "no_backend_available", "No backend of this model answers at the moment.", {
    retryAfterSeconds: waitMilliseconds / 1000,
  });
}

export function quarantined(): ApiError {
  const message = "Two backends broke off while they worked on this prompt; it is tried no further.";
  return new ApiError(422, "prompt_quarantined", message);
}

/** A backend's refusal, which no other try would change. */
export function refusalOf({ status, message }: Break): ApiError {
  if (status === 400 || status === 422)
    return new ApiError(400, "engine_refused", message || "The engine refused the request.");
  return new ApiError(502, "backend_misconfigured", "The backend refuses this gateway or does not know the model.");
}

/** What a caller is told when no further try is left before the first token. */
export function failureOf({ kind, status }: Break): ApiError {
  if (status === 429)
    return new ApiError(429, "backend_busy", "Every backend of this model is busy.", { retryAfterSeconds: 1 });
  if (kind === "first-token-late")
    return new ApiError(504, "first_token_late", "No backend began to answer in time.", { retryAfterSeconds: 5 });
  return new ApiError(503, "backend_failed", "The backends of this model failed.", { retryAfterSeconds: 2 });
}
