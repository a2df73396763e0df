import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface WireAnswer {
  readonly status: number;
  readonly body: string;
}

export interface WireRequest {
  /** `TrentService.PutKeyPolicy`, or the method and path where the protocol has no target header. */
  readonly operation: string;
  readonly body: string;
}

export type Prepared = WireAnswer | ((request: WireRequest) => WireAnswer);

export interface Wire {
  /** What the SDK's clients are made from. */
  readonly environment: Readonly<Record<string, string>>;
  readonly requests: WireRequest[];
  /** Answers all requests from now on, and forgets those that were seen. */
  answer(...answers: readonly Prepared[]): void;
  stop(): Promise<void>;
}

export const json = (value: unknown, status = 200): WireAnswer => ({ status, body: JSON.stringify(value) });

/** An error as the services with JSON protocols say it. */
export const refusal = (code: string, status = 400): WireAnswer =>
  json({ __type: code, message: `the message of ${code}` }, status);

/** An HTTP server on the loopback interface that gives prepared answers, the last one again and again. */
export async function startWire(): Promise<Wire> {
  const requests: WireRequest[] = [];
  let answers: readonly Prepared[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const target = request.headers["x-amz-target"];
    const seen = { operation: String(target ?? `${request.method} ${request.url}`), body };
    requests.push(seen);
    const prepared = answers[Math.min(requests.length, answers.length) - 1] ?? refusal("NoAnswer", 500);
    const { status, body: answer } = typeof prepared === "function" ? prepared(seen) : prepared;
    const code = /"__type":"(\w+)"/.exec(answer)?.[1];
    response.writeHead(status, { "content-type": "application/json", ...(code ? { "x-amzn-errortype": code } : {}) });
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    environment: { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    requests,
    answer(...next) {
      answers = next;
      requests.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
