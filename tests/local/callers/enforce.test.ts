import { PutRolePolicyCommand, TagRoleCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAgent, createCaller, createRole } from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { givenTo, invoking, looks, newAgent, openStage } from "./stage.ts";

let theatre: Theatre;
beforeEach(async () => {
  theatre = await openStage();
});
afterEach(async () => {
  const failures = [...theatre.laptop.stack.failures];
  await theatre.stop();
  expect(failures).toEqual([]);
});

const letInvoke = (RoleName: string, PolicyDocument: string) =>
  theatre.people.developer.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "invoke", PolicyDocument }));
const aboutCaller = async (caller: string) => (await theatre.settle()).filter(({ text }) => text.includes(caller));

test("callers of two agents on one key have each the agents that they may invoke, in one statement", async () => {
  const { developer } = theatre.people;
  const first = await newAgent(theatre, "first-bot");
  const second = await createAgent(developer, "second-bot", first.keyArn, await createRole(developer, "second-bot"));
  const both = await createCaller(developer, "Both", first);
  await letInvoke("Both", invoking(first, second));
  const one = await createCaller(developer, "One", second);
  await theatre.settle();

  expect(await givenTo(theatre, "Both")).toEqual([{ key: first.keyArn, agents: [first.arn, second.arn].sort() }]);
  expect(await givenTo(theatre, "One")).toEqual([{ key: first.keyArn, agents: [second.arn] }]);
  const can = (caller: string) =>
    Promise.all([first, second].map(({ arn }) => theatre.callerCanUse(caller, first.keyArn, arn)));
  expect(await can(both)).toEqual([true, true]);
  expect(await can(one)).toEqual([false, true]);
});

test("what a caller may not invoke any more is taken from it", async () => {
  const [kept, lost] = [await newAgent(theatre, "kept-bot"), await newAgent(theatre, "lost-bot")];
  const caller = await createCaller(theatre.people.developer, "Mover", kept);
  await letInvoke("Mover", invoking(kept, lost));
  await theatre.settle();
  expect(await theatre.callerCanUse(caller, lost.keyArn, lost.arn)).toBe(true);

  await letInvoke("Mover", invoking(kept));
  const [told] = await aboutCaller(caller);
  expect(told?.text).toContain(`- agent "lost-bot" (${lost.id})`);
  expect(await givenTo(theatre, "Mover")).toEqual([{ key: kept.keyArn, agents: [kept.arn] }]);
  expect(await theatre.callerCanUse(caller, lost.keyArn, lost.arn)).toBe(false);
});

test("an account of many pages is read to its end", async () => {
  const agent = await newAgent(theatre, "paged-bot");
  const { world } = theatre.laptop;
  world.limitDetailsPage(2);
  for (let n = 0; n < 9; n++) world.plantRole(theatre.role(`app/Other${n}`));
  const caller = await createCaller(theatre.people.developer, "Zoe", agent);
  await theatre.settle();
  expect(await theatre.callerCanUse(caller, agent.keyArn, agent.arn)).toBe(true);
});

test("a burst of changes is looked at once", async () => {
  const agent = await newAgent(theatre, "burst-bot");
  const { iam } = theatre.people.developer;
  const from = theatre.laptop.stack.logs.length;
  await createCaller(theatre.people.developer, "Busy", agent);
  for (let n = 0; n < 20; n++) {
    await iam.send(new TagRoleCommand({ RoleName: "Busy", Tags: [{ Key: "n", Value: String(n) }] }));
  }
  await theatre.settle();
  const done = looks(theatre, from);
  expect(done.filter(({ outcome }) => outcome === "reviewed")).toHaveLength(1);
  expect(done.at(-1)).toMatchObject({ outcome: "reviewed", written: 1 });
});

test("a role that goes halfway is not written to, and keeps nobody waiting", async () => {
  const agent = await newAgent(theatre, "brief-bot");
  // The look at its key asks IAM for the service role.
  await theatre.settle();
  const { developer } = theatre.people;
  const gone = await createCaller(developer, "Gone", agent);
  const there = await createCaller(developer, "There", agent);
  const { world } = theatre.laptop;
  // Read with the account, and gone by the time that it is written to.
  world.beforeNext("iam", "GetRole", () => world.removeIdentity(gone));
  const told = await aboutCaller(gone);
  expect(told).toHaveLength(1);
  // In one message with what was given to the other, since both have one cause.
  expect(told[0]?.subject).toContain("role Gone is gone");
  expect(told[0]?.text).toContain("role Gone is gone: it was deleted while the guard worked on it");
  expect(await theatre.callerCanUse(there, agent.keyArn, agent.arn)).toBe(true);
  expect(await givenTo(theatre, "Gone")).toBeUndefined();
});

test("a role that is made anew halfway, under the same name, is not given what the former one lacked", async () => {
  const agent = await newAgent(theatre, "anew-bot");
  // The look at its key asks IAM for the service role.
  await theatre.settle();
  const anew = await createCaller(theatre.people.developer, "Anew", agent);
  const { world } = theatre.laptop;
  world.beforeNext("iam", "GetRole", () => {
    world.removeIdentity(anew);
    world.plantRole(anew);
  });
  const from = theatre.laptop.stack.logs.length;
  await theatre.settle();
  expect(looks(theatre, from).map(({ again }) => again)).toContain("a role or user was made anew meanwhile");
  expect(looks(theatre, from).at(-1)).toMatchObject({ outcome: "reviewed", written: 0 });
  expect(await givenTo(theatre, "Anew")).toBeUndefined();
});

test.for<[string, string]>([
  ["is no JSON", "{ not a policy"],
  ["has an element that nobody knows", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Whatever":1}]}'],
])("a caller with a policy that %s is told of and not written to; others are", async ([, document]) => {
  const agent = await newAgent(theatre, "odd-bot");
  const { world } = theatre.laptop;
  const odd = theatre.role("app/Odd");
  world.plantRole(odd, { invoke: invoking(agent), odd: document });
  const plain = await createCaller(theatre.people.developer, "Plain", agent);
  const mails = await theatre.settle();
  expect(await givenTo(theatre, "Odd")).toBeUndefined();
  const told = mails.filter(({ text }) => text.includes(odd));
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toContain("role Odd perhaps can't use the key");
  expect(await theatre.callerCanUse(plain, agent.keyArn, agent.arn)).toBe(true);
});

test("what IAM refuses to write is told, once", async () => {
  const agent = await newAgent(theatre, "full-bot");
  const caller = await createCaller(theatre.people.developer, "Protected", agent);
  const error = { code: "UnmodifiableEntity", message: "this role is only modifiable by AWS" };
  theatre.laptop.world.failNext({ service: "iam", operation: "PutRolePolicy", times: 1, error });
  const [told] = await aboutCaller(caller);
  expect(told?.text).toContain("UnmodifiableEntity");
  expect(await theatre.callerCanUse(caller, agent.keyArn, agent.arn)).toBe(false);
  // It takes it by then: no event tells of that.
  await sweepNow(theatre.laptop.stack);
  await theatre.settle();
  expect(await theatre.callerCanUse(caller, agent.keyArn, agent.arn)).toBe(true);
});
