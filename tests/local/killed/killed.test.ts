/**
 * Reconcile processes killed in the middle of their work, at random, during some two hundred events. Whatever was begun is
 * ended by the next delivery: the policies are right, every write is told, and no message is a dead letter.
 */
import { DeleteAgentCommand } from "@aws-sdk/client-bedrock-agent";
import { DynamoDBClient, ScanCommand, type ScanCommandInput, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { GetKeyPolicyCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createAgent,
  createKey,
  createRole,
  type MadeAgent,
  updateAgent,
} from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";

const KEYS = 16;
const SEED = 20_261_123;
/** One invocation in so many is killed. */
const KILL_ONE_IN = 2;
/** A message that came this often is let through: the queue gives it up after five deliveries. */
const MOST_KILLS = 3;

interface Town {
  readonly key: string;
  readonly agents: readonly MadeAgent[];
  readonly partner: string;
}

let theatre: Theatre;
let events = 0;
const random = mulberry32(SEED);

beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    {
      timeScale: 300,
      clock: "compressed",
      onRecord: () => {
        events += 1;
      },
      onInvoke: (name, event, kill) => {
        if (!name.endsWith("-reconcile") || receivedOften(event) || random() * KILL_ONE_IN > 1) return;
        setTimeout(kill, random() * 40);
      },
    },
  );
  await theatre.settle();
}, 60_000);
afterAll(() => theatre.stop());

test("whatever was begun is ended, and nothing is lost", { timeout: 240_000 }, async () => {
  const towns: Town[] = [];
  for (let n = 0; n < KEYS; n++) towns.push(await build(n));
  for (const town of towns) await live(town);
  await theatre.settle();
  await sweepNow(theatre.laptop.stack);
  await theatre.settle();

  expect(events).toBeGreaterThanOrEqual(200);
  const { failures } = theatre.laptop.stack;
  const crashed = failures.filter(({ result }) => result.kind === "crashed");
  expect(failures).toEqual(crashed);
  expect(crashed.length).toBeGreaterThanOrEqual(10);

  for (const { key, agents, partner } of towns) {
    const [gone, ...staying] = agents;
    for (const agent of staying)
      expect(await theatre.bedrockCanUse(key, agent.arn), `${agent.name} on ${key}`).toBe(true);
    if (gone) expect(await theatre.bedrockCanUse(key, gone.arn), `${gone.name} on ${key}`).toBe(false);
    expect(theatre.laptop.world.policy(key)).toContain(partner);
  }
  for (const name of ["intake-dlq", "key-dlq.fifo", "sweep-dlq", "alert-dlq", "slack-dlq.fifo"]) {
    expect(theatre.laptop.stack.queue(`bedrock-key-guard-local-${name}`).depth(), name).toEqual({
      visible: 0,
      delayed: 0,
      inFlight: 0,
    });
  }
  const entries = await journal();
  expect(entries.filter(({ state }) => state !== "told" && state !== "abandoned")).toEqual([]);
  // Each write is in a finding, and people were told of that finding.
  const findings = await items("pk = :of", { ":of": { S: "FINDINGS" } });
  const told = theatre.laptop.stack.mailbox.map(({ text }) => text).join("\n");
  for (const { id } of entries.filter(({ state }) => state === "told")) {
    const about = findings.filter((item) => JSON.stringify(item).includes(id));
    expect(about.length, id).toBeGreaterThan(0);
    for (const { sk } of about) expect(told).toContain(sk?.S?.split("#").at(-1));
  }
});

/** A key with three agents of two roles. */
async function build(n: number): Promise<Town> {
  const { developer } = theatre.people;
  const key = await createKey(developer);
  const roles = [await createRole(developer, `Killed-${n}-a`), await createRole(developer, `Killed-${n}-b`)];
  const agents: MadeAgent[] = [];
  for (let i = 0; i < 3; i++) agents.push(await createAgent(developer, `bot-${n}-${i}`, key, roles[i % 2] ?? ""));
  return { key, agents, partner: `Partner${n}` };
}

/** A partner's statement comes, an agent changes its role, somebody takes the guard's statements out, an agent goes. */
async function live({ key, agents, partner }: Town): Promise<void> {
  const { developer, terraform } = theatre.people;
  const [first, second, third] = agents;
  if (!first || !second || !third) throw new Error("a town has three agents");
  const edit = async (change: (statements: { Sid?: string }[]) => { Sid?: string }[]) => {
    const { Policy = "{}" } = await terraform.kms.send(new GetKeyPolicyCommand({ KeyId: key, PolicyName: "default" }));
    const policy = JSON.parse(Policy);
    const next = JSON.stringify({ ...policy, Statement: change(policy.Statement) });
    await terraform.kms.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: "default", Policy: next }));
  };
  await pause();
  await edit((statements) => [...statements, statementOf(partner)]);
  await pause();
  await updateAgent(developer, second, { roleArn: first.roleArn });
  await pause();
  await edit((statements) => statements.filter(({ Sid = "" }) => !Sid.startsWith("BedrockKeyGuard")));
  await pause();
  await updateAgent(developer, third, { roleArn: second.roleArn });
  await pause();
  await developer.agents.send(new DeleteAgentCommand({ agentId: first.id, skipResourceInUseCheck: true }));
}

function statementOf(partner: string): { Sid: string } & Record<string, unknown> {
  return {
    Sid: partner,
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${theatre.laptop.account}:root` },
    Action: "kms:DescribeKey",
    Resource: "*",
  };
}

/** Long enough for agents to settle and looks to begin, short enough to come in the midst of them. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 60 + random() * 260));
}

function receivedOften(event: unknown): boolean {
  const { Records = [] } = event as { Records?: { attributes: { ApproximateReceiveCount: string } }[] };
  return Records.some(({ attributes }) => Number(attributes.ApproximateReceiveCount) > MOST_KILLS);
}

async function journal(): Promise<readonly { readonly id: string; readonly state: string }[]> {
  const found = await items("begins_with(sk, :journal)", { ":journal": { S: "JOURNAL#" } });
  return found.map(({ sk, state }) => ({ id: sk?.S?.replace("JOURNAL#", "") ?? "", state: state?.S ?? "" }));
}

type Items = NonNullable<ScanCommandOutput["Items"]>;

async function items(FilterExpression: string, values: ScanCommandInput["ExpressionAttributeValues"]): Promise<Items> {
  const { stack, region } = theatre.laptop;
  const { credentials } = theatre.people.developer;
  const client = new DynamoDBClient({ endpoint: stack.endpoint, region, credentials });
  const [table] = stack.model.tables;
  const found: Items = [];
  let ExclusiveStartKey: ScanCommandInput["ExclusiveStartKey"];
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: table?.name,
        FilterExpression,
        ExpressionAttributeValues: values,
        ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
      }),
    );
    found.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  client.destroy();
  return found;
}

/** A small seeded generator: the same kills are drawn each time, though the machine times them differently. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
