/** `history`, `rollback`, `pause` and `resume` against the stack on this machine, as people run them. */
import { PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { createAgent, createKey, createRole, type MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { ACTS_ON_TERMINALS } from "../../cli/run-cli.ts";
import { commandIn, type Operator, operatorOf } from "./operator.ts";

let theatre: Theatre;
let operator: Operator;
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    { timeScale: 600, clock: "compressed" },
  );
  await theatre.settle();
  operator = operatorOf(theatre, theatre.people.developer);
});
afterAll(() => theatre.stop());

async function newAgent(name: string): Promise<MadeAgent> {
  const { developer } = theatre.people;
  return createAgent(developer, name, await createKey(developer), await createRole(developer, `Role-${name}`));
}

const policy = (agent: MadeAgent) => theatre.laptop.world.policy(agent.keyArn);
const settled = async () => (await theatre.settle()).map((mail) => mail.text).join("\n");

async function sweep(): Promise<string> {
  await sweepNow(theatre.laptop.stack);
  return settled();
}

test("a repair is in the history, is rolled back by its alert's command, and comes back after `resume`", async () => {
  const agent = await newAgent("undone-bot");
  const before = policy(agent);
  const mail = await settled();
  const repaired = policy(agent);
  expect(policyDigest(repaired)).not.toBe(policyDigest(before));

  const shown = await operator.cli("history", agent.keyArn, "--table", operator.table, "--diff");
  expect([shown.code, shown.err]).toEqual([0, ""]);
  expect(shown.out).toContain("what     added BedrockKeyGuardServiceSessions");
  expect(shown.out).toContain("by       guard");
  expect(shown.out).toContain('  +   "Sid": "BedrockKeyGuardServiceSessions"');
  expect(shown.out).not.toMatch(ACTS_ON_TERMINALS);

  const command = commandIn(mail, "npx bedrock-key-guard rollback");
  const refused = await operator.shell(command);
  expect([refused.code, policy(agent)]).toEqual([2, repaired]);
  expect(refused.out).toContain("undoes   the repair of");
  expect(refused.err).toContain("there is no terminal to ask on; add `--yes`");

  const done = await operator.shell(`${command} --reason 'not wanted' --yes`);
  expect(done.code).toBe(0);
  expect(done.out).toContain("done: KMS shows the former policy.");
  expect(policyDigest(policy(agent))).toBe(policyDigest(before));

  const told = await settled();
  expect(policyDigest(policy(agent))).toBe(policyDigest(before));
  expect(told).toContain("put back what stood before a write of the guard");
  expect(told).toContain("not wanted");
  expect(await sweep()).not.toContain("REPAIRED");
  expect(policyDigest(policy(agent))).toBe(policyDigest(before));

  const json = await operator.cli("history", agent.keyArn, "--table", operator.table, "--json", "--limit", "1");
  expect(JSON.parse(json.out)).toMatchObject({
    hold: {
      kind: "rollback",
      reason: "not wanted",
      by: expect.stringMatching(/^arn:aws:sts:.*\/ana$/),
    },
    entries: [{ action: "rollback", state: "told" }],
    more: true,
  });

  const again = await operator.shell(`${commandIn(told, "npx bedrock-key-guard resume")} --yes`);
  expect(again.code).toBe(0);
  await sweep();
  expect(policyDigest(policy(agent))).toBe(policyDigest(repaired));
});

test("a key on `pause` is not written to and the guard tells so; `resume` lets it go on", async () => {
  const { developer } = theatre.people;
  const keyArn = await createKey(developer);
  const before = theatre.laptop.world.policy(keyArn);
  const paused = await operator.cli("pause", keyArn, "--table", operator.table, "--reason", "key moves", "--yes");
  expect([paused.code, paused.err]).toEqual([0, ""]);
  await createAgent(developer, "held-bot", keyArn, await createRole(developer, "Role-held-bot"));
  const told = await settled();
  expect(theatre.laptop.world.policy(keyArn)).toBe(before);
  expect(told).toContain("Not written because the key is on hold by arn:aws:sts:");
  expect(told).toContain("key moves");

  const resumed = await operator.shell(`${commandIn(told, `npx bedrock-key-guard resume ${keyArn}`)} --yes`);
  expect(resumed.code).toBe(0);
  await sweep();
  expect(theatre.laptop.world.policy(keyArn)).toContain("BedrockKeyGuardServiceSessions");
});

test("`pause` without a key keeps the guard from all keys and is told; `resume` lets it go on", async () => {
  const { region } = theatre.laptop;
  const everywhere = ["--table", operator.table, "--region", region];
  const paused = await operator.cli("pause", ...everywhere, "--reason", "change freeze", "--yes", "--json");
  expect([paused.code, JSON.parse(paused.out)]).toMatchObject([
    0,
    { result: "paused", pause: { reason: "change freeze" } },
  ]);
  const agent = await newAgent("frozen-bot");
  const told = await settled();
  expect(policy(agent)).not.toContain("BedrockKeyGuard");
  expect(told).toMatch(/the guard is paused by arn:aws:sts:\S+\/ana: change freeze/);

  const resumed = await operator.shell(`${commandIn(told, "npx bedrock-key-guard resume")} --yes`);
  expect(resumed.code).toBe(0);
  await sweep();
  expect(policy(agent)).toContain("BedrockKeyGuardServiceSessions");
  const again = await operator.cli("resume", ...everywhere);
  expect([again.code, again.out]).toEqual([0, expect.stringContaining("the guard is not paused")]);
});

test("a rollback never undoes what somebody else changed", async () => {
  const agent = await newAgent("changed-bot");
  await settled();
  const { Statement, ...rest } = JSON.parse(policy(agent));
  const root = { AWS: `arn:aws:iam::${theatre.laptop.account}:root` };
  const audit = { Sid: "Audit", Effect: "Allow", Principal: root, Action: "kms:DescribeKey", Resource: "*" };
  const changed = JSON.stringify({ ...rest, Statement: [...Statement, audit] });
  await theatre.people.terraform.kms.send(new PutKeyPolicyCommand({ KeyId: agent.keyArn, Policy: changed }));
  await settled();
  const refused = await operator.cli("rollback", agent.keyArn, "--table", operator.table, "--yes");
  expect(refused.code).toBe(1);
  expect(refused.err.replaceAll("\n", " ")).toContain(
    "it was changed since, and a rollback would undo that change too",
  );
  expect(policyDigest(policy(agent))).toBe(policyDigest(changed));
  const { out } = await operator.cli("history", agent.keyArn, "--table", operator.table, "--json");
  expect(JSON.parse(out)).toMatchObject({ hold: null, entries: [{ action: "repair" }] });
});
