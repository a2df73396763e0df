/** Stages with other settings, and one whose function may not read IAM. */
import { DeleteRolePolicyCommand, PutRolePolicyCommand, TagRoleCommand } from "@aws-sdk/client-iam";
import { expect, onTestFinished, test } from "vitest";
import { createCaller } from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import type { Mode } from "../../../stacks/settings.ts";
import { graphWith } from "../usage/graph-with.ts";
import { graphWithSettings } from "./graph-with-settings.ts";
import { givenTo, looks, newAgent, openStage } from "./stage.ts";

async function open(graph: unknown): Promise<Theatre> {
  const theatre = await openStage(graph);
  onTestFinished(async () => {
    const failures = [...theatre.laptop.stack.failures];
    const { missing } = theatre.laptop.stack.usage();
    await theatre.stop();
    expect(failures).toEqual([]);
    if (!expectsRefusals.has(theatre)) expect([...missing]).toEqual([]);
  });
  return theatre;
}

const expectsRefusals = new WeakSet<Theatre>();
const inMode = (mode: Mode) => graphWithSettings({ callers: { mode, writesPerHour: 50 } });

test.for(["propose", "observe"] as const)(
  "in `%s` who lacks the key is told of once, and nothing is written",
  async (mode) => {
    const theatre = await open(await inMode(mode));
    const agent = await newAgent(theatre, "told-bot");
    const caller = await createCaller(theatre.people.developer, "Told", agent);
    const mails = (await theatre.settle()).filter(({ text }) => text.includes(caller));
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain("aws iam put-role-policy --role-name Told --policy-name BedrockKeyGuard");
    for (const form of ["Terraform", "CloudFormation", "CDK"]) expect(mails[0]?.text).toContain(form);
    expect(await givenTo(theatre, "Told")).toBeUndefined();
    await sweepNow(theatre.laptop.stack);
    expect((await theatre.settle()).filter(({ text }) => text.includes(caller))).toEqual([]);
  },
);

test("in `propose` the function could not write if it wanted to", async () => {
  const theatre = await open(await inMode("propose"));
  expectsRefusals.add(theatre);
  const agent = await newAgent(theatre, "safe-bot");
  await createCaller(theatre.people.developer, "Safe", agent);
  await theatre.settle();
  const { iam } = theatre.laptop.as(theatre.laptop.stack.callerOf("callers"));
  const named = { RoleName: "Safe", PolicyName: "BedrockKeyGuard" };
  const PolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
  const refused = { name: "AccessDenied" };
  await expect(iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument }))).rejects.toMatchObject(refused);
  await expect(iam.send(new DeleteRolePolicyCommand(named))).rejects.toMatchObject(refused);
});

test("with `off` keys are looked after as ever, and nobody looks at callers", async () => {
  const theatre = await open(await inMode("off"));
  const agent = await newAgent(theatre, "key-bot");
  const caller = await createCaller(theatre.people.developer, "Nobody", agent);
  expect((await theatre.settle()).filter(({ text }) => text.includes(caller))).toEqual([]);
  expect(await theatre.bedrockCanUse(agent.keyArn, agent.arn)).toBe(true);
  expect(theatre.laptop.stack.model.functions.filter(({ name }) => name.includes("callers"))).toEqual([]);
});

test("a stage that may not read IAM tells so once, and writes nothing", async () => {
  const theatre = await open(graphWith((graph) => graph.disallow("CallersRole", "iam:GetAccountAuthorizationDetails")));
  expectsRefusals.add(theatre);
  const agent = await newAgent(theatre, "blind-bot");
  const { developer } = theatre.people;
  await createCaller(developer, "Unseen", agent);
  await theatre.settle();
  await developer.iam.send(new TagRoleCommand({ RoleName: "Unseen", Tags: [{ Key: "a", Value: "b" }] }));
  await theatre.settle();
  const told = theatre.laptop.stack.mailbox.filter(({ text }) => text.includes("iam:GetAccountAuthorizationDetails"));
  expect(told).toHaveLength(1);
  expect(told[0]?.subject).toContain("high");
  expect(new Set(looks(theatre).map(({ outcome }) => outcome))).toContain("unreadable");
  expect(await givenTo(theatre, "Unseen")).toBeUndefined();
});
