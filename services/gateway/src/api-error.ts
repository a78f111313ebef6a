/** What a caller is told: OpenAI's form, with a permanent `code`. Never holds a secret, a prompt or a backend's address. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  /** Which of several rules or causes behind the code it was; null where the code says all. */
  readonly reason: string | null;
  /** Seconds, or null where waiting does not help. */
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly param?: string; readonly reason?: string; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = more.param ?? null;
    this.reason = more.reason ?? null;
    this.retryAfterSeconds =
      more.retryAfterSeconds === undefined ? null : Math.max(1, Math.ceil(more.retryAfterSeconds));
  }

  get type(): string {
    if (this.status === 401) return "authentication_error";
    if (this.status === 403) return "permission_error";
    if (this.status === 429) return "rate_limit_error";
    return this.status < 500 ? "invalid_request_error" : "server_error";
  }

  toBody(requestId: string): object {
    const { message, type, param, code, reason } = this;
    return { error: { message, type, param, code, ...(reason === null ? {} : { reason }), request_id: requestId } };
  }
}
