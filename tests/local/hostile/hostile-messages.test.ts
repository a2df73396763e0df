import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alertMessageBody } from "../../../packages/aws/src/alert-message.ts";
import { sampleAlert } from "../../aws/sample-alert.ts";
import * as attacks from "./attacks.ts";
import { type Aftermath, besiege, type QueueName, type Siege } from "./siege.ts";
import { agentRecord, build, event, type House, keyJob, keyRecord } from "./town.ts";

const START = '{"v":1,"kind":"start"}';

let siege: Siege;
let home: House;

beforeAll(async () => {
  siege = await besiege();
  // The sweep of the deployment; from now on a key without agents is known to be unrelated.
  await siege.rest();
  home = build(siege.laptop, "home");
  await siege.put("intake", [{ body: event(agentRecord(home.agentId)) }]);
  expect((await siege.rest()).writes).toEqual([home.key]);
});

afterAll(async () => {
  // Whatever was sent, no function ended otherwise than by returning.
  expect(siege.laptop.stack.failures).toEqual([]);
  await siege.stop();
});

/** What stands in a house's key policy of the guard. */
function repaired({ key }: House): boolean {
  return siege.laptop.world.policy(key).includes("BedrockKeyGuard");
}

interface Result extends Aftermath {
  readonly deliveries: number;
  readonly bad: readonly (attacks.Attack & { readonly id: string })[];
  readonly deadLetters: readonly string[];
}

/** Puts bad messages on a queue, an honest one in the midst of each batch while there are any, and waits. */
async function attack(queue: QueueName, bad: readonly attacks.Attack[], good: readonly string[]): Promise<Result> {
  const groupOf = (one: attacks.Attack) => (queue === "key" ? { group: one.group ?? home.key } : {});
  const honest = good.map((body) => ({ body, ...(queue === "key" ? { group: JSON.parse(body).key } : {}) }));
  const messages = bad.flatMap((one, index) => {
    const next = index % 9 === 4 ? honest.splice(0, 1) : [];
    return [...next, { body: one.body, ...groupOf(one) }];
  });
  const ids = await siege.put(queue, [...messages, ...honest]);
  const aftermath = await siege.rest();
  const idOf = (body: string) => ids[messages.findIndex((message) => message.body === body)] ?? "";
  return {
    ...aftermath,
    bad: bad.map((one) => ({ ...one, id: idOf(one.body) })),
    deliveries: siege.deliveries(queue),
    deadLetters: await siege.takeDeadLetters(queue),
  };
}

/** That every bad message was told in the log at each of its deliveries, and is now a dead letter. */
function expectDeadLetters({ bad, deadLetters, logs, deliveries }: Result): void {
  expect([...deadLetters].sort()).toEqual(bad.map(({ body }) => body).sort());
  for (const { is, id, reason } of bad) {
    const said = logs.filter(({ messageId }) => messageId === id);
    expect(
      said.map(({ level }) => level),
      is,
    ).toEqual(Array(deliveries).fill(expect.stringMatching(/WARN|ERROR/)));
    for (const entry of said) expect(`${entry.message} ${entry.reason}`, is).toContain(reason);
  }
}

/** That the alarm of one dead-letter queue told once, by email and Slack, and nothing else was told of the attack. */
function expectOneAlarm({ mails, posts }: Aftermath, queue: QueueName): void {
  const alarms = mails.filter(({ subject }) => subject.startsWith("ALARM"));
  expect(alarms.map(({ subject }) => subject)).toEqual([`ALARM: "bedrock-key-guard-local-${queue}-dlq" in eu-west-1`]);
  expect(posts.filter((post) => post.includes("Alarm: "))).toHaveLength(1);
}

describe("the intake queue", () => {
  let result: Result;
  let neighbours: House[];

  beforeAll(async () => {
    neighbours = [build(siege.laptop, "neighbour-1"), build(siege.laptop, "neighbour-2")];
    const good = neighbours.map(({ agentId }) => event(agentRecord(agentId)));
    result = await attack("intake", attacks.badForIntake(home), good);
  });

  test("sends what can't be read to the dead letters, with the reason in the log", () => expectDeadLetters(result));

  test("tells of all its dead letters once", () => expectOneAlarm(result, "intake"));

  test("handles the honest messages of the same batches, and writes for no other", () => {
    expect(neighbours.map(repaired)).toEqual([true, true]);
    expect([...result.writes].sort()).toEqual(neighbours.map(({ key }) => key).sort());
    for (const { key } of neighbours) {
      expect(result.mails.filter(({ text }) => text.startsWith("REPAIRED") && text.includes(key))).toHaveLength(1);
    }
  });

  test("drops what the guard does not act on, once and with the reason in the log", async () => {
    const dropped = attacks.droppedByIntake(home);
    const { logs, mails, writes, deadLetters } = await attack("intake", dropped, []);
    const reasons = logs.filter(({ message }) => message === "an event is dropped").map(({ reason }) => reason);
    expect(reasons).toHaveLength(dropped.length);
    for (const { reason } of dropped) expect(reasons).toContainEqual(expect.stringContaining(reason));
    expect([deadLetters, mails, writes]).toEqual([[], [], []]);
  });

  test("takes in what looks honest, and the key's own state decides", async () => {
    const harmless = attacks.harmlessForIntake(home);
    const { logs, mails, writes, deadLetters, bad } = await attack("intake", harmless, []);
    expect([deadLetters, mails, writes]).toEqual([[], [], []]);
    for (const { is, id, reason } of bad) {
      const [entry] = logs.filter(({ messageId }) => messageId === id);
      expect(JSON.stringify(entry?.outcome), is).toContain(reason);
    }
  });
});

describe("the key queue", () => {
  let result: Result;
  let neighbour: House;
  let behind: string;

  beforeAll(async () => {
    neighbour = build(siege.laptop, "neighbour-3");
    behind = keyJob(home.key, { agents: [home.agentId] });
    const good = [keyJob(neighbour.key, { agents: [neighbour.agentId] }), behind];
    result = await attack("key", attacks.badForKeys(home, neighbour), good);
  });

  test("sends what can't be read to the dead letters, with the reason in the log", () => expectDeadLetters(result));

  test("tells of all its dead letters once", () => expectOneAlarm(result, "key"));

  test("works on other keys, and on what is behind the bad ones of the same key", () => {
    expect(repaired(neighbour)).toBe(true);
    expect(result.writes).toEqual([neighbour.key]);
    const looked = result.logs.filter(({ message }) => message === "a key was looked at");
    expect(looked.map(({ causes }) => causes)).toContainEqual([JSON.parse(behind).causes[0].id]);
    expect(result.mails).toHaveLength(2);
  });

  test("looks at keys that are not as a job says, and does nothing", async () => {
    const { mails, writes, deadLetters, logs } = await attack("key", attacks.harmlessForKeys(home), []);
    expect([mails, writes, deadLetters]).toEqual([[], [], []]);
    const looked = logs.filter(({ message }) => message === "a key was looked at");
    expect(new Set(looked.map(({ outcome }) => outcome))).toEqual(new Set(["compliant"]));
  });
});

describe("the sweep queue", () => {
  let result: Result;
  let neighbour: House;

  beforeAll(async () => {
    neighbour = build(siege.laptop, "neighbour-4");
    result = await attack("sweep", attacks.badForSweep(home), [START]);
  });

  test("sends what can't be read to the dead letters, with the reason in the log", () => expectDeadLetters(result));

  test("tells of all its dead letters once", () => expectOneAlarm(result, "sweep"));

  test("sweeps all the same, and writes for what the honest sweep found only", () => {
    expect(repaired(neighbour)).toBe(true);
    expect(result.writes).toEqual([neighbour.key]);
    expect(result.mails).toHaveLength(2);
  });
});

describe("the slack queue", () => {
  let result: Result;

  beforeAll(async () => {
    result = await attack("slack", attacks.badForSlack(), [
      alertMessageBody(sampleAlert({ headline: "An honest one." })),
    ]);
  });

  test("sends what can't be read to the dead letters, with the reason in the log", () => expectDeadLetters(result));

  test("tells of all its dead letters once", () => expectOneAlarm(result, "slack"));

  test("posts the honest alert, and nothing of the others", () => {
    expect(result.posts).toHaveLength(2);
    expect(result.posts.filter((post) => post.includes("An honest one."))).toHaveLength(1);
    expect(result.writes).toEqual([]);
  });
});

describe("the event bus", () => {
  const publish = (record: object) => siege.laptop.stack.publish({ eventSource: "", eventName: "", ...record });

  test("takes no notice of other services, other events and failed calls", async () => {
    const matched = await Promise.all([
      publish(agentRecord(home.agentId, { eventName: "InvokeAgent" })),
      publish(agentRecord(home.agentId, { eventSource: "evil.amazonaws.com" })),
      publish(keyRecord(home.key, { eventSource: "bedrock.amazonaws.com" })),
      publish(keyRecord(home.key, { eventName: "putkeypolicy" })),
      publish(keyRecord(home.key, { errorCode: "AccessDenied" })),
      publish(JSON.parse('{"__proto__":{"eventSource":"kms.amazonaws.com"},"eventName":"PutKeyPolicy"}')),
    ]);
    expect(matched).toEqual([[], [], [], [], [], []]);
    const { logs, mails, writes } = await siege.rest();
    expect([logs, mails, writes]).toEqual([[], [], []]);
  });

  test("lets a hostile record reach the dead letters, and tells it again after the last alarm was dealt with", async () => {
    expect(await publish(agentRecord("../../x?y"))).toHaveLength(1);
    expectOneAlarm(await siege.rest(), "intake");
    const [letter, ...others] = await siege.takeDeadLetters("intake");
    expect([JSON.parse(letter ?? "{}").detail.requestParameters, others]).toEqual([{ agentId: "../../x?y" }, []]);
  });
});

test("somebody without permission puts nothing on any queue", async () => {
  const { laptop } = siege;
  const arn = `arn:aws:iam::${laptop.account}:role/team/Nobody`;
  laptop.world.plantRole(arn);
  const { credentials } = laptop.as(laptop.world.caller(arn));
  const config = { endpoint: laptop.stack.endpoint, region: laptop.region, credentials, useQueueUrlAsEndpoint: false };
  const sqs = new SQSClient(config);
  for (const { url, fifo } of laptop.stack.model.queues) {
    const group = fifo ? { MessageGroupId: home.key, MessageDeduplicationId: "1" } : {};
    const put = sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: START, ...group }));
    await expect(put, url).rejects.toThrow(/not authorized/);
  }
  sqs.destroy();
});
