// The only fetch in the page. Everything the server says, good or bad, passes here.

import { parseExactJson } from "./exactJson";
import type { ErrorBody } from "./types";

const API_ROOT = "/api/v1";

/** The server's own query timeout is shorter; this only ends a connection that hangs. */
const REQUEST_TIMEOUT_MS = 90_000;

/** Query parameters; an empty or absent value is not sent. */
export type Params = Readonly<Record<string, string | number | undefined>>;

/** Any way a question can fail, in the server's words where it had any. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer at all. */
  readonly status: number;
  /** A stable word, such as `bad_request` or `query_timeout`; `unreachable` when there was no answer. */
  readonly code: string;
  /** What the person can do about it; may be empty. */
  readonly hint: string;

  constructor(status: number, code: string, message: string, hint: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.hint = hint;
  }

  /** True when the same question may succeed a moment later. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

/** Asks `GET /api/v1{path}`. Throws `ApiError`, or the signal's reason when the caller left. */
export async function getJson<Answer>(path: string, params: Params, signal: AbortSignal): Promise<Answer> {
  const response = await ask(`${API_ROOT}${path}${queryString(params)}`, signal);
  const text = await readText(response, signal);
  if (!response.ok) throw refused(response, text);
  try {
    // The server that sent this page is the server that answers, so its types are the types we were built with.
    return parseExactJson(text) as Answer;
  } catch {
    throw new ApiError(response.status, "not_json", "the server's answer is not JSON", "is a proxy in between?");
  }
}

async function ask(url: string, signal: AbortSignal): Promise<Response> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
  try {
    return await fetch(url, { headers: { accept: "application/json" }, signal: either });
  } catch (cause) {
    throw unanswered(cause, signal);
  }
}

async function readText(response: Response, signal: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw unanswered(cause, signal);
  }
}

function unanswered(cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return new ApiError(0, "timeout", `no answer within ${REQUEST_TIMEOUT_MS / 1000} seconds`, "ask for less: a shorter time range or a narrower selector");
  }
  return new ApiError(0, "unreachable", "the server did not answer", "is `nunchi server` running, and reachable from here?");
}

function refused(response: Response, text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as ErrorBody;
    return new ApiError(response.status, error.code, error.message, error.hint ?? "");
  } catch {
    return new ApiError(response.status, `http_${response.status}`, response.statusText || "the server refused", "");
  }
}

function queryString(params: Params): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
