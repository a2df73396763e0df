import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Aftermath, besiege, type Siege } from "./siege.ts";
import { agentRecord, build, event, type House, nested, policyWith } from "./town.ts";

const MARKUP = "<!channel> <@U1> <https://evil.example|x> ``` *b* & <script>";
const UNSEEN = "\u001b[2J\u202e\u200b\u2028\r\nSubject: all is well\n\nWhat to do\n";
const HOSTILE = `${MARKUP}${UNSEEN}`;

let siege: Siege;

beforeAll(async () => {
  siege = await besiege();
  await siege.rest();
});

afterAll(async () => {
  expect(siege.laptop.stack.failures).toEqual([]);
  await siege.stop();
});

const houses: House[] = [];

function settle(name: string): House {
  const house = build(siege.laptop, name);
  houses.push(house);
  return house;
}

const tellOf = (house: House, change: object = {}) => ({ body: event(agentRecord(house.agentId, { ...change })) });

/** The guard's own, whose text no name has a part in. */
const OWN_LINK = /<https:\/\/(?:[\w-]+\.)*aws\.amazon\.com\/[^|<>]*(?:\|(?:Key|Agent) in the console)?>/g;

/** What every mail and every post must be, whatever stands in it. */
function expectTame({ mails, posts }: Aftermath): void {
  for (const { subject, text } of mails) {
    expect(subject).toMatch(/^[\u0021-\u007e][\u0020-\u007e]{0,98}$/);
    // Line feeds are the mail's own; no text from outside begins a line of it.
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(text).not.toMatch(/^Subject:/m);
    expect(text.match(/^What to do$/gm) ?? []).toHaveLength(1);
  }
  for (const post of posts) {
    expect(post.replaceAll(OWN_LINK, "")).not.toMatch(/[<>]|\p{Cf}/u);
    for (const { text } of textsIn(JSON.parse(post)))
      expect(text.replaceAll(/^(\*.*\*\n)?```\n|\n```$/g, "")).not.toContain("```");
  }
}

/** Every text object of a Slack message. */
function textsIn(value: unknown): readonly { readonly text: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "text" in value && typeof value.text === "string" ? [{ text: value.text }] : [];
  return [...own, ...Object.values(value).flatMap(textsIn)];
}

describe("a key policy that does not parse", () => {
  const policies: readonly (readonly [string, string])[] = [
    ["no JSON", `${MARKUP} is no policy`],
    ["nothing", ""],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["a statement that is none", '{"Version":"2012-10-17","Statement":["<!channel>"]}'],
    ["a hostile version", JSON.stringify({ Version: HOSTILE, Statement: [] })],
    ["a hostile element", JSON.stringify({ Statement: [], [HOSTILE]: 1 })],
    ["a hostile effect", JSON.stringify({ Statement: [{ Effect: HOSTILE }] })],
    ["a member that is there twice", '{"Version":"2012-10-17","Statement":[],"Statement":[]}'],
    ["a prototype", '{"__proto__":{"Version":"2012-10-17"},"Statement":[]}'],
    ["deep nesting", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Condition":${nested(30_000)}}]}`],
    ["130 KB", `{"Version":"2012-10-17","Statement":[],"Id":"${"x".repeat(131_073)}"}`],
  ];
  let unread: readonly House[];
  let aftermath: Aftermath;

  beforeAll(async () => {
    const { laptop } = siege;
    unread = policies.map(([, text], index) => {
      const house = settle(`parse-${index}`);
      laptop.world.plantPolicyText(house.key, text);
      return house;
    });
    await siege.put(
      "intake",
      unread.map((house) => tellOf(house)),
    );
    aftermath = await siege.rest();
  });

  test("is one alert for its key, and no write", () => {
    expect(aftermath.writes).toEqual([]);
    for (const { key } of unread) {
      const told = aftermath.mails.filter(({ text }) => text.includes(key));
      expect(told.map(({ subject }) => subject)).toEqual([
        expect.stringContaining("the key's policy can't be understood"),
      ]);
    }
    expect(aftermath.posts).toHaveLength(aftermath.mails.length);
  });

  test("is told without its markup, control characters and direction marks", () => expectTame(aftermath));

  test("is not told again at the next event", async () => {
    await siege.put(
      "intake",
      unread.map((house) => tellOf(house)),
    );
    const { mails, posts, writes, logs } = await siege.rest();
    expect([mails, posts, writes]).toEqual([[], [], []]);
    expect(logs.filter(({ outcome }) => outcome === "alerted")).toHaveLength(unread.length);
  });

  test("leaves no dead letters", async () => {
    expect([await siege.takeDeadLetters("intake"), await siege.takeDeadLetters("key")]).toEqual([[], []]);
  });
});

describe("names that somebody chose to look like something else", () => {
  const actor = {
    userIdentity: {
      type: "AssumedRole",
      arn: `arn:aws:sts::111122223333:assumed-role/Deployer/${HOSTILE}`,
      invokedBy: HOSTILE,
      sessionContext: { sessionIssuer: { arn: `arn:aws:iam::111122223333:role/${HOSTILE}` } },
    },
  };

  test("of agents, actors and statements are told as plain text", async () => {
    const { laptop } = siege;
    const deny = { Effect: "Deny", Principal: { Service: "bedrock.amazonaws.com" }, Action: "kms:*", Resource: "*" };
    const denied = settle(HOSTILE);
    laptop.world.plantPolicyText(denied.key, policyWith(laptop.account, { ...deny, Sid: HOSTILE }));
    const lacking = settle(`${HOSTILE}${"y".repeat(200 - HOSTILE.length)}`);
    await siege.put("intake", [tellOf(denied, actor), tellOf(lacking, actor)]);
    const aftermath = await siege.rest();
    expect(aftermath.mails.map(({ subject }) => subject).sort()).toEqual([
      expect.stringContaining("high"),
      expect.stringContaining("repaired"),
    ]);
    expect(aftermath.writes).toEqual([lacking.key]);
    expectTame(aftermath);
    for (const { text } of aftermath.mails) expect(text).toContain(MARKUP);
    expect(aftermath.posts).toHaveLength(2);
    for (const post of aftermath.posts) expect(post).toContain("&lt;!channel&gt;");
  });

  test("of alerts and alarms on the slack queue are posted as plain text", async () => {
    const alarm = { AlarmName: HOSTILE, AlarmDescription: HOSTILE, NewStateValue: HOSTILE, NewStateReason: HOSTILE };
    await siege.put("alarms", [{ body: JSON.stringify(alarm) }]);
    const aftermath = await siege.rest();
    expect(aftermath.posts).toHaveLength(1);
    expectTame(aftermath);
  });
});

/** Bedrock's model lets a role's ARN be nearly anything. */
function giveRole({ agentId, key }: House, roleArn: string): void {
  const { world } = siege.laptop;
  world.removeAgent(agentId);
  world.plantAgent({ name: "odd", id: agentId, keyArn: key, roleArn });
}

describe("an agent with a role that no account can have", () => {
  const roles = ["<!channel>", "a/b?c=*", "path/", "x".repeat(500), "../../x"];

  test("is told, and the key is repaired for the others", async () => {
    const odd = roles.map((name) => {
      const house = settle("odd");
      giveRole(house, `arn:aws:iam::111122223333:role/${name}`);
      return house;
    });
    await siege.put(
      "intake",
      odd.map((house) => tellOf(house)),
    );
    const aftermath = await siege.rest();
    expect([...aftermath.writes].sort()).toEqual(odd.map(({ key }) => key).sort());
    for (const { key } of odd) {
      expect(siege.laptop.world.policy(key)).not.toContain("BedrockKeyGuardRoleSessions");
      const mails = aftermath.mails.filter(({ text }) => text.includes(key)).map(({ subject }) => subject);
      expect(mails.sort()).toEqual([
        expect.stringContaining("the service role can't be added"),
        expect.stringContaining("repaired"),
      ]);
    }
    expect(await siege.takeDeadLetters("key")).toEqual([]);
    expectTame(aftermath);
  });
});

describe("an agent that can't be read", () => {
  test("costs its own messages only", async () => {
    const broken = settle("broken");
    giveRole(broken, "arn:aws:iam:::role/x");
    const neighbour = settle("neighbour");
    await siege.put("intake", [tellOf(broken), tellOf(neighbour)]);
    const aftermath = await siege.rest();
    expect(aftermath.writes).toEqual([neighbour.key]);
    expect(await siege.takeDeadLetters("intake")).toHaveLength(1);
  });

  test("does not end a sweep", async () => {
    // A sweep takes its time over each agent: only the last two are left to it.
    for (const { agentId } of houses.slice(0, -2)) siege.laptop.world.removeAgent(agentId);
    const found = settle("found");
    await siege.put("sweep", [{ body: '{"v":1,"kind":"start"}' }]);
    const aftermath = await siege.rest();
    expect(aftermath.writes).toEqual([found.key]);
    expect(await siege.takeDeadLetters("sweep")).toHaveLength(1);
  });
});
