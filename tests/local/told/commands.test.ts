/** The commands that people are given, in the README and in alerts, do what they say. */
import { readFileSync } from "node:fs";
import { type AttributeValue, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EnableKeyCommand, PutKeyPolicyCommand, TagResourceCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAgent, createKey, createRole } from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";

const README = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

let theatre: Theatre;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    { timeScale: 600 },
  );
  await theatre.settle();
  const { stack, region } = theatre.laptop;
  dynamo = new DynamoDBClient({
    endpoint: stack.endpoint,
    region,
    credentials: theatre.people.developer.credentials,
  });
});
afterAll(async () => {
  dynamo.destroy();
  await theatre.stop();
});

const tableName = () => theatre.laptop.stack.model.tables[0]?.name ?? "";

async function newAgent(name: string) {
  const { developer } = theatre.people;
  return createAgent(developer, name, await createKey(developer), await createRole(developer, `Role-${name}`));
}

test("the README's pause keeps the guard from writing, and its `running` lets it go on", async () => {
  const item = /put-item --table-name TABLE --item '(\{.*\})'/.exec(README)?.[1];
  if (!item) throw new Error("the README has no command that pauses");
  const put = (text: string) =>
    dynamo.send(
      new PutItemCommand({ TableName: tableName(), Item: JSON.parse(text) as Record<string, AttributeValue> }),
    );
  await put(item);
  const agent = await newAgent("paused-bot");
  const mails = await theatre.settle();
  expect(theatre.laptop.world.policy(agent.keyArn)).not.toContain("BedrockKeyGuard");
  expect(mails.map((mail) => mail.text).join()).toContain("the guard is paused by me: change freeze");

  expect(README).toContain('and `"state":{"S":"running"}` to go on');
  await put(item.replace('"paused"', '"running"'));
  await sweepNow(theatre.laptop.stack);
  await theatre.settle();
  expect(theatre.laptop.world.policy(agent.keyArn)).toContain("BedrockKeyGuardServiceSessions");
});

test("the commands of a repair's alert put the former policy back, and the guard leaves it so", async () => {
  const { kms } = theatre.people.developer;
  const agent = await newAgent("undone-bot");
  const before = theatre.laptop.world.policy(agent.keyArn);
  const [mail] = await theatre.settle();
  const text = mail?.text ?? "";
  expect(theatre.laptop.world.policy(agent.keyArn)).not.toBe(before);

  const tag = /aws kms tag-resource .* --key-id (\S+) --tags TagKey=(\S+),TagValue=(\S+)/.exec(text);
  await kms.send(new TagResourceCommand({ KeyId: tag?.[1], Tags: [{ TagKey: tag?.[2], TagValue: tag?.[3] }] }));
  const get = /aws dynamodb get-item .* --table-name '([^']+)' --key '(\{.*?\})' .*--query '?Item\.(\w+)\.S/.exec(text);
  if (!get) throw new Error(`the alert has no command that prints the former policy: ${text}`);
  const key = JSON.parse(get[2] ?? "") as Record<string, AttributeValue>;
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: get[1], Key: key }));
  const Policy = Item?.[get[3] ?? ""]?.S;
  const put = /aws kms put-key-policy .* --key-id (\S+) --policy-name (\S+)/.exec(text);
  await kms.send(new PutKeyPolicyCommand({ KeyId: put?.[1], PolicyName: put?.[2], Policy }));
  await theatre.settle();
  expect(theatre.laptop.world.policy(agent.keyArn)).toBe(before);
});

test("the command of a disabled key's alert mends it", async () => {
  const agent = await newAgent("disabled-bot");
  await theatre.settle();
  theatre.laptop.world.setKeyState(agent.keyArn, "Disabled");
  await sweepNow(theatre.laptop.stack);
  const mails = await theatre.settle();
  const text = mails.find((mail) => mail.subject.includes("critical"))?.text ?? "";
  const command = /aws kms enable-key --region \S+ --key-id (\S+)/.exec(text);
  await theatre.people.developer.kms.send(new EnableKeyCommand({ KeyId: command?.[1] }));
  await theatre.settle();
  expect(await theatre.bedrockCanUse(agent.keyArn, agent.arn)).toBe(true);
});

test("every npm script and file that the README and CONTRIBUTING name exists", () => {
  const root = new URL("../../../", import.meta.url);
  const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { scripts: object };
  for (const page of ["README.md", "CONTRIBUTING.md", "docs/architecture.md"]) {
    const text = readFileSync(new URL(page, root), "utf8");
    const named = [...text.matchAll(/npm run ([\w:]+)|npm (start|test)\b/g)].map((match) => match[1] ?? match[2] ?? "");
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
    for (const [, link = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(() => readFileSync(new URL(link, new URL(page, root))), link).not.toThrow(/ENOENT/);
    }
  }
});
