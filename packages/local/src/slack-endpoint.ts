/** An endpoint in the role of Slack's incoming webhooks: keeps what it took, and misbehaves where it is asked to. Loopback only. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What becomes of one request:
 * - `takes`: answered with `ok`, and kept
 * - `answers`: refused with this status, `seconds` as its Retry-After
 * - `hangs`: never answered; whoever asks gives up
 * - `breaks`: the connection ends without an answer
 */
export type Behaviour =
  | { readonly kind: "takes" }
  | { readonly kind: "answers"; readonly status: number; readonly text: string; readonly seconds?: number }
  | { readonly kind: "hangs" }
  | { readonly kind: "breaks" };

export interface SlackEndpoint {
  readonly url: string;
  /** The bodies that it took, oldest first. */
  readonly posted: readonly unknown[];
  /** How many requests came in all. */
  requests(): number;
  /** How it behaves from now on: the next requests one after the other, then as Slack does. */
  misbehave(...next: readonly Behaviour[]): void;
  /** The same for every request until `misbehave` is called again. */
  always(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

const TAKES: Behaviour = { kind: "takes" };

export async function startSlackEndpoint(): Promise<SlackEndpoint> {
  const posted: unknown[] = [];
  let queued: Behaviour[] = [];
  let otherwise = TAKES;
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    let body = "";
    for await (const chunk of request) body += chunk;
    const behaviour = queued.shift() ?? otherwise;
    switch (behaviour.kind) {
      case "takes":
        take(body, response, posted);
        return;
      case "answers":
        response.writeHead(
          behaviour.status,
          behaviour.seconds === undefined ? {} : { "retry-after": String(behaviour.seconds) },
        );
        response.end(behaviour.text);
        return;
      case "hangs":
        return;
      case "breaks":
        response.destroy();
        return;
      default:
        behaviour satisfies never;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/services/T000/B000/secret`,
    posted,
    requests: () => requests,
    misbehave(...next) {
      queued = [...next];
      otherwise = TAKES;
    },
    always(behaviour) {
      queued = [];
      otherwise = behaviour;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function take(body: string, response: ServerResponse, posted: unknown[]): void {
  const refusal = refusalOf(body);
  if (refusal !== undefined) {
    response.writeHead(400).end(refusal);
    return;
  }
  posted.push(JSON.parse(body));
  response.end("ok");
}

/** Slack's word for what it does not take. https://docs.slack.dev/reference/block-kit/blocks */
function refusalOf(body: string): string | undefined {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return "invalid_payload";
  }
  const { text, blocks = [] } = (message ?? {}) as { text?: unknown; blocks?: unknown };
  if (typeof text !== "string" || text === "") return "no_text";
  if (!Array.isArray(blocks) || blocks.length > 50) return "invalid_blocks";
  if (!blocks.every(isBlock)) return "invalid_blocks";
  return charactersIn(blocks) > LONGEST ? "msg_blocks_too_long" : undefined;
}

/** Slack was seen to refuse what is longer. https://github.com/slackapi/bolt-js/issues/2509 */
const LONGEST = 13_000;

/** Of all texts, however deep. */
function charactersIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + charactersIn(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  const { text, ...others } = value as { readonly text?: unknown };
  return (typeof text === "string" ? text.length : charactersIn(text)) + charactersIn(Object.values(others));
}

function isBlock(block: { type?: string; text?: unknown; fields?: unknown; elements?: unknown }): boolean {
  switch (block.type) {
    case "header":
      return isText(block.text, "plain_text", 150);
    case "section":
      if (block.fields === undefined) return isText(block.text, "mrkdwn", 3_000);
      return isList(block.fields, 10, (field) => isText(field, "mrkdwn", 2_000));
    case "context":
      return isList(block.elements, 10, (element) => isText(element, "mrkdwn", 3_000));
    default:
      return false;
  }
}

function isText(value: unknown, type: string, longest: number): boolean {
  const { type: is, text } = (value ?? {}) as { type?: unknown; text?: unknown };
  return is === type && typeof text === "string" && text.length > 0 && text.length <= longest;
}

function isList(value: unknown, most: number, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= most && value.every(is);
}
