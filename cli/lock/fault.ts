import { Failure } from "../../config/diagnostics/failure.ts";
import { finding, type Place } from "../../config/diagnostics/finding.ts";

/** What is being resolved: named in every message, with the place that asks for it. */
export interface Asked {
  readonly reference: string;
  readonly place: Place;
}

/** Why there is no answer to a request. */
type Fault =
  | { readonly kind: "unreachable"; readonly detail: string }
  | { readonly kind: "timeout"; readonly seconds: number }
  | { readonly kind: "untrusted"; readonly detail: string }
  | { readonly kind: "proxy"; readonly proxy: string; readonly detail: string }
  | { readonly kind: "plain-http"; readonly from: string }
  | { readonly kind: "redirect"; readonly detail: string }
  | { readonly kind: "unusable"; readonly detail: string };

/** A request without an answer. The caller knows what was asked for and makes a `Failure` of it. */
export class HttpFault extends Error {
  override readonly name = "HttpFault";
  readonly host: string;
  readonly fault: Fault;

  constructor(host: string, fault: Fault, options?: ErrorOptions) {
    super(`${host}: ${fault.kind}`, options);
    this.host = host;
    this.fault = fault;
  }
}

/** The finding for a request without an answer, as the user needs it. */
export function faultFailure({ host, fault }: HttpFault, { reference, place }: Asked): Failure {
  switch (fault.kind) {
    case "unreachable":
      return new Failure(finding("LCK-221", place, { reference, host, detail: fault.detail }));
    case "timeout":
      return new Failure(finding("LCK-222", place, { reference, host, seconds: fault.seconds }));
    case "untrusted":
      return new Failure(finding("LCK-223", place, { reference, host, detail: fault.detail }));
    case "proxy":
      return new Failure(finding("LCK-224", place, { reference, host, proxy: fault.proxy, detail: fault.detail }));
    case "plain-http":
      return new Failure(finding("LCK-225", place, { reference, host, from: fault.from }));
    case "redirect":
      return new Failure(finding("LCK-226", place, { reference, host, detail: fault.detail }));
    case "unusable":
      return unusable(host, { reference, place }, fault.detail);
  }
}

/** The finding for an answer that came whole and makes no sense. */
export function unusable(host: string, { reference, place }: Asked, detail: string): Failure {
  return new Failure(finding("LCK-236", place, { reference, host, detail }));
}

/** The finding for a setting of the environment that cannot be used. */
export function unusableSetting(variable: string, detail: string, form: string): Failure {
  return new Failure(finding("LCK-242", { subject: variable }, { variable, detail, form }));
}

const systemTexts: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such host is known",
  EAI_AGAIN: "the name server does not answer",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the other side broke the connection",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ETIMEDOUT: "the connection attempt was not answered",
  EPIPE: "the other side broke the connection",
};

/** What an error of Node's network code means, in words, and whether it is about a certificate. */
export function networkError(error: unknown): { kind: "unreachable" | "untrusted" | "unusable"; detail: string } {
  // Trying several addresses of one name ends in a collection without a message of its own.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const message = cause instanceof Error ? cause.message : String(cause);
  if (code in systemTexts) return { kind: "unreachable", detail: `${systemTexts[code]} (${code})` };
  if (/^(ERR_TLS|ERR_SSL|CERT_|EPROTO$|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME)/.test(code)) {
    return { kind: "untrusted", detail: message.replace(/^.*?:(error|[A-Z]+ routines):/, "") };
  }
  if (code.startsWith("HPE_")) return { kind: "unusable", detail: "It is not HTTP" };
  return { kind: "unreachable", detail: code === "" ? message : `${message} (${code})` };
}
