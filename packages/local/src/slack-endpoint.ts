/** An endpoint in the role of Slack's incoming webhooks: keeps what was posted. Loopback only. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SlackEndpoint {
  readonly url: string;
  /** The bodies that were posted, oldest first. */
  readonly posted: readonly unknown[];
  stop(): Promise<void>;
}

export async function startSlackEndpoint(): Promise<SlackEndpoint> {
  const posted: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    try {
      posted.push(JSON.parse(body));
      response.end("ok");
    } catch {
      response.writeHead(400).end("invalid_payload");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/services/T000/B000/secret`,
    posted,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
