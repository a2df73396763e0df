import { setTimeout } from "node:timers/promises";
import type { SlackMessage } from "@bedrock-key-guard/core/channel/block-kit.ts";

const TIMEOUT_MS = 5_000;
/** Together with the timeouts of the tries, well within the function's half minute. */
const LONGEST_WAIT_MS = 10_000;
const MOST_TRIES = 3;

/** Without blocks, the text is all that is shown. */
export type Post = (message: SlackMessage | Omit<SlackMessage, "blocks">) => Promise<void>;

/** Slack can't be reached, or takes nothing for now: what else there is to say has to wait too. */
export class SlackUnavailableError extends Error {
  override readonly name = "SlackUnavailableError";
}

/** Slack does not take this message, and won't: another try changes nothing. */
export class SlackRefusedError extends Error {
  override readonly name = "SlackRefusedError";
}

export interface PostOptions {
  /** Milliseconds for one try. */
  readonly timeoutMs?: number;
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Posts messages to an incoming webhook. Where Slack asks to wait for some seconds (429), it is waited for; what it does not take
 * otherwise is thrown, and the queue delivers it again.
 *
 * The URL is a secret. No error says it, and errors of `fetch`, which can, are not kept as causes.
 *
 * @throws at once when `webhookUrl` is not an https URL; plain http is taken on the loopback interface only.
 */
export function slackPost(webhookUrl: string, { timeoutMs = TIMEOUT_MS, sleep = setTimeout }: PostOptions = {}): Post {
  const url = URL.canParse(webhookUrl) ? new URL(webhookUrl) : undefined;
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)))) {
    throw new Error("the slack webhook is not an https url; set the stack's secret to the one that slack shows");
  }
  return async (message) => {
    let waited = 0;
    for (let tries = 1; ; tries++) {
      const answer = await send(url, message, timeoutMs);
      if (answer.ok) return;
      const text = `slack answered \`${answer.status}\`: \`${answer.reason}\``;
      if (!isForNow(answer.status)) throw new SlackRefusedError(text);
      const wait = answer.retryAfterMs;
      if (wait === undefined || tries >= MOST_TRIES || waited + wait > LONGEST_WAIT_MS)
        throw new SlackUnavailableError(text);
      await sleep(wait);
      waited += wait;
    }
  };
}

/**
 * Too many messages, an outage, or a webhook that is revoked or its channel archived: a person mends these, and the messages
 * are to be there then.
 */
function isForNow(status: number): boolean {
  return status === 429 || status >= 500 || status === 403 || status === 404 || status === 410;
}

async function send(url: URL, message: Parameters<Post>[0], timeoutMs: number) {
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
    const reason = /^[a-z_]{1,60}$/.test(text) ? text : "no reason";
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfterMs = response.status === 429 && seconds >= 0 ? 1_000 * seconds : undefined;
    return { ok: response.ok, status: response.status, reason, retryAfterMs };
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
