/**
 * The front door of the local AWS: one HTTP server that every client uses as its endpoint. It reads from the
 * signature who calls and for which service the request is signed, and hands it to that service.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { EmulatedService, WireRequest, WireResponse } from "./contract.ts";
import type { CredentialRegistry } from "./runner/credentials.ts";

export interface Gateway {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1, on a port that the system chooses.
 *
 * A request without a known access key, or for a service that is not here, gets the error that AWS would give in
 * the protocol of the request.
 */
export async function startGateway(options: {
  readonly services: readonly EmulatedService[];
  readonly credentials: CredentialRegistry;
}): Promise<Gateway> {
  const services = new Map(options.services.map((service) => [service.signingName, service]));
  if (services.size !== options.services.length) {
    throw new Error("two services have the same signing name; give each service once");
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown) => failure(request, 500, "InternalFailure", String(error)))
      .then((wire) => send(response, wire));
  });

  async function answer(request: IncomingMessage): Promise<WireResponse> {
    const scope = credentialScope(request.headers.authorization);
    if (!scope) {
      return failure(request, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    const caller = options.credentials.find(scope.accessKeyId);
    if (!caller) {
      return failure(
        request,
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
      );
    }
    const service = services.get(scope.service);
    if (!service) {
      const message = `the local AWS has no service \`${scope.service}\`; it has ${[...services.keys()].join(", ")}`;
      return failure(request, 501, "NotImplemented", message);
    }
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const wire: WireRequest = {
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: singleHeaders(request),
      body: await readBody(request),
      caller,
    };
    return service.handle(wire);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …` */
function credentialScope(header: string | undefined): { accessKeyId: string; service: string } | undefined {
  const match = /^AWS4-HMAC-SHA256 .*?Credential=([^/\s]+)\/\d{8}\/[^/\s]+\/([^/\s]+)\/aws4_request/.exec(header ?? "");
  const [, accessKeyId, service] = match ?? [];
  return accessKeyId && service ? { accessKeyId, service } : undefined;
}

function singleHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // without an encoding, a request yields buffers
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, wire: WireResponse): void {
  response.writeHead(wire.status, wire.headers);
  response.end(wire.body);
}

/** An error in the request's own protocol: query services answer in XML, the others in JSON. */
function failure(request: IncomingMessage, status: number, code: string, message: string): WireResponse {
  request.resume();
  if ((request.headers["content-type"] ?? "").includes("x-www-form-urlencoded")) {
    // The query services call an unknown key by another name.
    const queryCode = code === "UnrecognizedClientException" ? "InvalidClientTokenId" : code;
    const text = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    return {
      status,
      headers: { "content-type": "text/xml" },
      body: `<ErrorResponse><Error><Type>Sender</Type><Code>${queryCode}</Code><Message>${text}</Message></Error></ErrorResponse>`,
    };
  }
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code },
    body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message }),
  };
}
