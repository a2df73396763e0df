/** The runbook's way from a dead letter back to a key in order: the commands of its page, run as they stand there. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAgent, createKey, createRole, type MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { openShell, type Shell } from "./shell.ts";

const PREFIX = "bedrock-key-guard-local";

let theatre: Theatre;
let shell: Shell;
async function open(options: Parameters<typeof openTheatre>[1]): Promise<void> {
  theatre = await openTheatre(
    timeline(() => {}),
    options,
  );
  await theatre.settle();
  shell = openShell(theatre);
}
async function close(): Promise<void> {
  shell.close();
  await theatre.stop();
}

async function newAgent(name: string, key?: string): Promise<MadeAgent> {
  const { developer } = theatre.people;
  const keyArn = key ?? (await createKey(developer));
  return createAgent(developer, name, keyArn, await createRole(developer, `Role-${name}`));
}

async function run(line: string | undefined): Promise<string> {
  if (line === undefined) throw new Error("the runbook has no such command");
  const { code, out, err } = await shell.run(line);
  expect(code, `${line}\n${err}`).toBe(0);
  return out;
}

const isRepaired = ({ keyArn, arn }: MadeAgent) => theatre.laptop.world.policy(keyArn).includes(arn);
const letters = (queue: string) => theatre.laptop.stack.queue(`${PREFIX}-${queue}`).depth().visible;

/** The alarm's words: the commands in them are the runbook's. */
async function alarmed(queue: string): Promise<string> {
  const mails = await theatre.settle();
  const alarms = mails.filter(({ subject }) => subject.includes(`"${PREFIX}-${queue}-dlq"`));
  expect(alarms).toHaveLength(1);
  return alarms[0]?.text ?? "";
}

function redriveOf(queue: string): string {
  const [command = ""] = shell.shown("aws sqs start-message-move-task");
  return command.replace("-intake-dlq", `-${queue}`);
}

describe("of the intake", () => {
  beforeAll(() => open({ timeScale: 600 }));
  afterAll(close);

  test("events that could not be taken in are looked at, put back, and end in a repair", async () => {
    const denied = { service: "bedrock", operation: "GetAgent", times: 5 };
    theatre.laptop.world.failNext({ ...denied, error: { code: "AccessDeniedException", status: 403 } });
    const agent = await newAgent("unseen-bot");
    const alarm = await alarmed("intake");
    expect([isRepaired(agent), letters("intake-dlq")]).toEqual([false, 1]);

    const [look] = shell.shown("aws sqs receive-message");
    expect(alarm).toContain(look);
    expect(await run(look)).toContain(agent.id);
    expect(alarm).toContain(`${redriveOf("intake-dlq")} --`);
    // What was looked at is hidden for half a minute.
    await expect.poll(() => letters("intake-dlq")).toBe(1);
    await run(redriveOf("intake-dlq"));
    await theatre.settle();
    expect([isRepaired(agent), letters("intake-dlq")]).toEqual([true, 0]);
    expect(theatre.laptop.stack.alarmState(`${PREFIX}-intake-dlq`)).toBe("OK");
  });
});

describe("of keys", () => {
  // What one person does is told after ever longer waits, by the clock.
  beforeAll(() => open({ timeScale: 120, clock: "compressed" }));
  afterAll(close);

  test("looks at keys keep their order when they are put back, and none is dropped for the one that failed", async () => {
    const { developer } = theatre.people;
    const keyArn = await createKey(developer);
    const hold = { v: 1, pk: `KEY#${keyArn}`, sk: "HOLD", kind: "of a later version", by: "", reason: "", at: "" };
    await run(
      `aws dynamodb put-item --region ${theatre.laptop.region} --table-name ${table()} --item '${marshal(hold)}'`,
    );
    const first = await newAgent("first-bot", keyArn);
    const second = await newAgent("second-bot", keyArn);
    const alarm = await alarmed("key");
    expect([isRepaired(first), isRepaired(second)]).toEqual([false, false]);
    expect(letters("key-dlq.fifo")).toBeGreaterThan(0);
    expect(alarm).toContain(`${redriveOf("key-dlq.fifo")} --`);

    const resume = shell.shown("npx bedrock-key-guard resume KEY", { KEY: keyArn })[0];
    await run(`${resume} --yes`);
    await run(redriveOf("key-dlq.fifo"));
    await theatre.settle();
    expect([isRepaired(first), isRepaired(second), letters("key-dlq.fifo")]).toEqual([true, true, 0]);
  });

  test("the kill switch can be thrown and taken back without this project's command line", async () => {
    const [pause] = shell.shown("aws dynamodb put-item");
    const [resume] = shell.shown("aws dynamodb delete-item");
    await run(pause);
    const agent = await newAgent("frozen-bot");
    const told = (await theatre.settle()).map(({ text }) => text).join("\n");
    expect([isRepaired(agent), told.includes("the guard is paused by on call: incident")]).toEqual([false, true]);
    await run(resume);
    const role = await createRole(theatre.people.developer, "Role-thawed-bot");
    await createAgent(theatre.people.developer, "thawed-bot", agent.keyArn, role);
    await theatre.settle();
    expect(isRepaired(agent)).toBe(true);
  });

  function table(): string {
    const [one] = theatre.laptop.stack.model.tables;
    if (!one) throw new Error("the graph has no table");
    return one.name;
  }

  /** An item in DynamoDB's JSON. */
  function marshal(item: Readonly<Record<string, string | number>>): string {
    const values = Object.entries(item).map(([name, value]) => [
      name,
      typeof value === "number" ? { N: String(value) } : { S: value },
    ]);
    return JSON.stringify(Object.fromEntries(values));
  }
});
