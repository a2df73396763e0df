import { createServer, type Server } from "node:http";
import { BedrockAgentClient } from "@aws-sdk/client-bedrock-agent";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import type {
  BusEvent,
  Caller,
  CloudTrailRecord,
  PolicyJson,
  WireRequest,
} from "../../../packages/local/src/contract.ts";
import { authorize } from "../../../packages/local/src/evaluator/authorize.ts";
import { createServices, type Services } from "../../../packages/local/src/services/create-services.ts";
import type { Delays } from "../../../packages/local/src/services/emulation.ts";

export const account = "111122223333";
export const region = "eu-west-1";
export const roleArn = (name: string, of = account) => `arn:aws:iam::${of}:role/${name}`;
export const rootArn = (of = account) => `arn:aws:iam::${of}:root`;

/** A role with these statements in its own policy. */
export function role(name: string, statements: PolicyJson["Statement"], of = account): Caller {
  const policies = [{ source: `${name}/inline`, document: { Version: "2012-10-17", Statement: statements } }];
  return { kind: "role", roleArn: roleArn(name, of), sessionName: "session", account: of, policies };
}

/** May do everything that no resource's policy forbids. */
export const admin = role("team/Admin", [{ Effect: "Allow", Action: "*", Resource: "*" }]);
export const bedrock: Caller = { kind: "service", name: "bedrock.amazonaws.com" };

export interface Harness extends Services {
  /** What CloudTrail was told, oldest first. */
  readonly records: CloudTrailRecord[];
  readonly events: BusEvent[];
  readonly endpoint: string;
  readonly time: { now: Date };
  kms(caller: Caller): KMSClient;
  agents(caller: Caller): BedrockAgentClient;
  iam(caller: Caller): IAMClient;
  credentials(caller: Caller): { accessKeyId: string; secretAccessKey: string };
  stop(): Promise<void>;
}

/** The services behind a small server that knows callers by their access key id. */
export async function startHarness(delays: Partial<Delays> = {}): Promise<Harness> {
  const records: CloudTrailRecord[] = [];
  const events: BusEvent[] = [];
  const time = { now: new Date("2026-11-23T18:30:00Z") };
  const { services, world } = createServices({
    account,
    region,
    clock: { now: () => time.now },
    authorize,
    emit: (record) => records.push(record),
    deliver: (event) => events.push(event),
    delays,
  });
  const callers = new Map<string, Caller>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const [, accessKeyId = "", signingName] =
      /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)/.exec(headers.authorization ?? "") ?? [];
    const caller = callers.get(accessKeyId);
    const service = services.find((each) => each.signingName === signingName);
    if (!caller || !service) throw new Error(`no caller or service: ${headers.authorization}`);
    const url = new URL(request.url ?? "/", "http://localhost");
    const wire: WireRequest = {
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: Buffer.concat(chunks).toString(),
      caller,
    };
    const answer = await service
      .handle(wire)
      .catch((error: Error) => ({ status: 500, headers: {}, body: error.message }));
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  const endpoint = await listen(server);

  const credentials = (caller: Caller) => {
    const accessKeyId = `AKIA${String(callers.size).padStart(16, "0")}`;
    callers.set(accessKeyId, caller);
    return { accessKeyId, secretAccessKey: "secret" };
  };
  const settings = (caller: Caller) => ({ endpoint, region, credentials: credentials(caller), maxAttempts: 1 });
  return {
    services,
    world,
    records,
    events,
    endpoint,
    time,
    kms: (caller) => new KMSClient(settings(caller)),
    agents: (caller) => new BedrockAgentClient(settings(caller)),
    iam: (caller) => new IAMClient(settings(caller)),
    credentials,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) throw new Error("the test server has no port");
      resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

/** A key policy with the account's delegation and these statements after it. */
export function keyPolicy(...statements: readonly object[]): string {
  const root = { Sid: "Root", Effect: "Allow", Principal: { AWS: rootArn() }, Action: "kms:*", Resource: "*" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [root, ...statements] });
}
