/** The commands that people are given, in the README and in alerts, do what they say. */
import { readFileSync } from "node:fs";
import { EnableKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { createAgent, createKey, createRole } from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { commandIn, type Operator, operatorOf } from "./operator.ts";

const README = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

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

async function newAgent(name: string) {
  const { developer } = theatre.people;
  return createAgent(developer, name, await createKey(developer), await createRole(developer, `Role-${name}`));
}

/** The README's only command that starts like this, with this run's names in it. */
function shown(start: string, keyArn = ""): string {
  const command = commandIn(README, `npx bedrock-key-guard ${start}`);
  return command
    .replace(" KEY", ` ${keyArn}`)
    .replace(" TABLE", ` ${operator.table}`)
    .replace(" REGION", ` ${theatre.laptop.region}`);
}

test("the README's `pause` keeps the guard from all keys, and its `resume` lets it go on", async () => {
  expect((await operator.shell(`${shown("pause --table")} --yes`)).code).toBe(0);
  const agent = await newAgent("paused-bot");
  const mails = await theatre.settle();
  expect(theatre.laptop.world.policy(agent.keyArn)).not.toContain("BedrockKeyGuard");
  expect(mails.map((mail) => mail.text).join()).toMatch(/the guard is paused by arn:aws:sts:\S+: change freeze/);

  expect((await operator.shell(`${shown("resume --table")} --yes`)).code).toBe(0);
  await sweepNow(theatre.laptop.stack);
  await theatre.settle();
  expect(theatre.laptop.world.policy(agent.keyArn)).toContain("BedrockKeyGuardServiceSessions");
});

test("the README's commands for one key do what it says, one after the other", async () => {
  const agent = await newAgent("tended-bot");
  const policy = () => theatre.laptop.world.policy(agent.keyArn);
  const before = policy();
  await theatre.settle();
  expect(policy()).not.toBe(before);

  const history = await operator.shell(shown("history", agent.keyArn));
  expect([history.code, history.out.match(/^entry/gm)?.length]).toEqual([0, 1]);
  expect((await operator.shell(`${shown("rollback", agent.keyArn)} --yes`)).code).toBe(0);
  await theatre.settle();
  expect(policyDigest(policy())).toBe(policyDigest(before));
  expect((await operator.shell(shown("history", agent.keyArn))).out).toContain("Terraform has it now");

  expect((await operator.shell(`${shown("pause KEY", agent.keyArn)} --yes`)).code).toBe(0);
  expect((await operator.shell(shown("history", agent.keyArn))).out).toMatch(/\(person\), by\s+arn:aws:sts:/);
  expect((await operator.shell(`${shown("resume KEY", agent.keyArn)} --yes`)).code).toBe(0);
  await sweepNow(theatre.laptop.stack);
  await theatre.settle();
  expect(policy()).toContain("BedrockKeyGuardServiceSessions");
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
