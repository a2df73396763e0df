/** The stack on this machine, with an emulated account around it: what `npm start` and the end-to-end tests run. */
import { readFileSync } from "node:fs";
import { BedrockAgentClient } from "@aws-sdk/client-bedrock-agent";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import type { Caller, CloudTrailRecord } from "./contract.ts";
import { authorize } from "./evaluator/authorize.ts";
import type { Credentials } from "./runner/credentials.ts";
import type { RoleModel } from "./runner/model.ts";
import { readStack } from "./runner/read-stack.ts";
import { type LocalStack, startLocalStack } from "./runner/start.ts";
import type { StackClock } from "./runner/time.ts";
import { createServices } from "./services/create-services.ts";
import type { World } from "./services/world.ts";
import { type SlackEndpoint, startSlackEndpoint } from "./slack-endpoint.ts";

export interface LaptopOptions {
  /** A changed resource graph, for tests; default: `stacks/graph.json`. */
  readonly graph?: unknown;
  /** See `runner/time.ts`. */
  readonly timeScale?: number;
  /** See `runner/time.ts`; `compressed` is for runs that nobody joins from outside. */
  readonly clock?: StackClock["kind"];
  /** Called for each CloudTrail record of the account, the guard's own included. */
  readonly onRecord?: (record: CloudTrailRecord) => void;
  readonly onLine?: Parameters<typeof startLocalStack>[0]["onLine"];
  readonly onInvoke?: Parameters<typeof startLocalStack>[0]["onInvoke"];
}

/** SDK clients of one caller, all at the stack's endpoint. */
export interface Clients {
  readonly caller: Caller;
  readonly credentials: Credentials;
  readonly kms: KMSClient;
  readonly agents: BedrockAgentClient;
  readonly iam: IAMClient;
}

export interface Laptop {
  readonly account: string;
  readonly region: string;
  readonly stack: LocalStack;
  readonly world: World;
  readonly slack: SlackEndpoint;
  /** A role of the account that may do everything IAM can give, in a session of this name. */
  administrator(roleArn: string, sessionName: string): Clients;
  as(caller: Caller): Clients;
  stop(): Promise<void>;
}

const GRAPH = new URL("../../../stacks/graph.json", import.meta.url);

/** How long an agent is CREATING, UPDATING or PREPARING, in seconds of the stack: long enough to be seen. */
const AGENT_SETTLES_SECONDS = 9;
const TIME_SCALE = 60;

export function readGraph(): unknown {
  return JSON.parse(readFileSync(GRAPH, "utf8"));
}

export async function startLaptop(options: LaptopOptions = {}): Promise<Laptop> {
  const { timeScale = TIME_SCALE, clock = "real" } = options;
  const agentSeconds = clock === "real" ? AGENT_SETTLES_SECONDS / timeScale : AGENT_SETTLES_SECONDS;
  const slack = await startSlackEndpoint();
  const graph = options.graph ?? readGraph();
  let world: World | undefined;
  let place = { account: "", region: "" };
  try {
    const stack = await startLocalStack({
      graph,
      authorize,
      services: ({ account, region, authorize: recorded, publish, deliver, now }) => {
        const emit = (record: CloudTrailRecord) => {
          options.onRecord?.(record);
          publish(record);
        };
        const services = createServices({
          account,
          region,
          clock: { now },
          authorize: recorded,
          emit,
          deliver,
          delays: { agent: agentSeconds * 1000 },
        });
        world = services.world;
        plantRoles(world, readStack(graph).roles);
        place = { account, region };
        return services.services;
      },
      slackWebhookUrl: slack.url,
      timeScale,
      clock,
      // Its schedules run by hand.
      silence: "says-nothing",
      ...(options.onLine ? { onLine: options.onLine } : {}),
      ...(options.onInvoke ? { onInvoke: options.onInvoke } : {}),
    });
    if (!world) throw new Error("the stack started without its services");
    return laptop(stack, world, slack, place);
  } catch (error) {
    await slack.stop();
    throw error;
  }
}

/** IAM lists the stack's own roles among all others. What they may do, the stack itself says. */
function plantRoles(world: World, roles: readonly RoleModel[]): void {
  for (const { arn, policies } of roles) {
    world.plantRole(
      arn,
      Object.fromEntries(policies.map(({ source, document }, index) => [policyName(source, index), document])),
    );
  }
}

function policyName(source: string, index: number): string {
  return `${index}-${source.replaceAll(/[^\w+=,.@-]+/g, "-")}`.slice(0, 128);
}

function laptop(
  stack: LocalStack,
  world: World,
  slack: SlackEndpoint,
  place: { readonly account: string; readonly region: string },
): Laptop {
  const opened: { destroy(): void }[] = [];
  const as = (caller: Caller): Clients => {
    const credentials = stack.register(caller);
    // Explicit, so that nothing in the environment can lead a call to a real account.
    const config = { endpoint: stack.endpoint, region: place.region, credentials };
    const clients = { kms: new KMSClient(config), agents: new BedrockAgentClient(config), iam: new IAMClient(config) };
    opened.push(clients.kms, clients.agents, clients.iam);
    return { caller, credentials, ...clients };
  };
  return {
    ...place,
    stack,
    world,
    slack,
    as,
    administrator(roleArn, sessionName) {
      const everything = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      };
      world.plantRole(roleArn, { Administrator: everything });
      return as(world.caller(roleArn, sessionName));
    },
    async stop() {
      for (const client of opened) client.destroy();
      await stack.stop();
      await slack.stop();
    },
  };
}
