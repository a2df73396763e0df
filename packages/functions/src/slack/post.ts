import type { SlackMessage } from "./block-kit.ts";

const TIMEOUT_MS = 5_000;

export type Post = (message: SlackMessage) => Promise<void>;

/** Slack can't be reached, or takes nothing for now: what else there is to say has to wait too. */
export class SlackUnavailableError extends Error {
  override readonly name = "SlackUnavailableError";
}

/**
 * Posts messages to an incoming webhook. Throws when Slack doesn't take one within five seconds; the queue then
 * delivers it again.
 *
 * The URL is a secret. No error says it, and errors of `fetch`, which can, are not kept as causes.
 *
 * @throws at once when `webhookUrl` is not an https URL; plain http is taken on the loopback interface only.
 */
export function slackPost(webhookUrl: string, timeoutMs = TIMEOUT_MS): Post {
  const url = URL.canParse(webhookUrl) ? new URL(webhookUrl) : undefined;
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)))) {
    throw new Error("the slack webhook is not an https url; set the stack's secret to the one that slack shows");
  }
  return async (message) => {
    const response = await send(url, message, timeoutMs);
    if (response.ok) return;
    const text = `slack answered \`${response.status}\`: \`${response.reason}\``;
    throw response.status === 429 || response.status >= 500 ? new SlackUnavailableError(text) : new Error(text);
  };
}

async function send(url: URL, message: SlackMessage, timeoutMs: number) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(message),
      // A redirect would carry the message, and the secret path, to wherever it points.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    // Slack answers with one word, such as `invalid_blocks`. What else a server says may hold the URL.
    const text = await response.text();
    return { ok: response.ok, status: response.status, reason: /^[a-z_]{1,60}$/.test(text) ? text : "no reason" };
  } catch (error) {
    throw new SlackUnavailableError(`slack did not answer: \`${nameOf(error)}\``);
  }
}

/** A name such as `TimeoutError` or a system code such as `ECONNREFUSED`; never a message. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const cause = error.cause;
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : error.name;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || host === "[::1]";
}
