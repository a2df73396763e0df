/** `history`, `rollback`, `pause` and `resume` of a role that the stack on this machine gives what it lacks. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createAgent,
  createCaller,
  createKey,
  createRole,
  type MadeAgent,
} from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { commandIn, type Operator, operatorOf } from "./operator.ts";

let theatre: Theatre;
let operator: Operator;
let agent: MadeAgent;
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    // IAM is read once in ten minutes, by the clock.
    { timeScale: 300, clock: "compressed" },
  );
  const { developer } = theatre.people;
  agent = await createAgent(
    developer,
    "shop-bot",
    await createKey(developer),
    await createRole(developer, "Role-shop"),
  );
  await theatre.settle();
  operator = operatorOf(theatre, developer);
});
afterAll(() => theatre.stop());

const can = (caller: string) => theatre.callerCanUse(caller, agent.keyArn, agent.arn);
const settled = async () => (await theatre.settle()).map((mail) => mail.text).join("\n");
const place = () => ["--table", operator.table, "--region", theatre.laptop.region];

async function sweep(): Promise<string> {
  await sweepNow(theatre.laptop.stack);
  return settled();
}

test("what a role was given is rolled back by its alert's command and stays so, until the guard is let write again", async () => {
  const role = await createCaller(theatre.people.developer, "Shop", agent);
  const mail = await settled();
  expect(await can(role)).toBe(true);

  const shown = await operator.cli("history", role, ...place());
  expect([shown.code, shown.err]).toEqual([0, ""]);
  expect(shown.out.replaceAll(/\s+/g, " ")).toContain(`what added agent "shop-bot" (${agent.id}) on ${agent.keyArn}`);

  const command = commandIn(mail, "npx bedrock-key-guard rollback arn:aws:iam");
  const done = await operator.shell(`${command} --reason 'not wanted' --yes`);
  expect(done.code).toBe(0);
  expect(await can(role)).toBe(false);

  const told = await settled();
  expect(told.match(/^ROLLED BACK.*a person rolled back the access of /gm)).toHaveLength(1);
  expect(told).toContain("not wanted");
  await sweep();
  expect(await can(role)).toBe(false);
  const { out } = await operator.cli("history", role, ...place(), "--json", "--limit", "1");
  expect(JSON.parse(out)).toMatchObject({
    hold: { kind: "rollback", reason: "not wanted" },
    entries: [{ action: "rollback", state: "told", after: null }],
  });

  const again = await operator.shell(`npx bedrock-key-guard resume ${role} ${place().join(" ")} --yes`);
  expect(again.code).toBe(0);
  await sweep();
  expect(await can(role)).toBe(true);
});

test("a role on `pause` is not written to, and the alert's command lets the guard go on", async () => {
  const role = theatre.role("app/Held");
  theatre.laptop.world.plantRole(role);
  const paused = await operator.cli("pause", role, ...place(), "--reason", "it moves", "--yes");
  expect([paused.code, paused.err]).toEqual([0, ""]);
  theatre.laptop.world.removeIdentity(role);
  expect(await createCaller(theatre.people.developer, "Held", agent)).toBe(role);
  const told = await settled();
  expect(await can(role)).toBe(false);
  expect(told).toContain("it moves");

  const start = told.indexOf(`npx bedrock-key-guard resume ${role}`);
  const resume = /^npx bedrock-key-guard resume \S+ --table \S+ --region [\w-]+/.exec(told.slice(start))?.[0] ?? "";
  expect((await operator.shell(`${resume} --yes`)).code).toBe(0);
  await sweep();
  expect(await can(role)).toBe(true);
});
