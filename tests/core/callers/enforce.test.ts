/** In `enforce`: one inline policy for each caller, recomputed with what is there, and nothing else. */
import { describe, expect, test } from "vitest";
import { DELEGATES, KEY, OTHER_KEY } from "./account.ts";
import { agent, arn, INVOKES, jobFor, LACKING, OWN, World } from "./world.ts";

const A = agent("AGENT00001");
const B = agent("AGENT00002");
const APP = arn("app");
const MFA = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
const world = () => new World().with(LACKING).put(A);
const invoking = (...ids: readonly string[]) => ({
  invoke: [
    {
      Effect: "Allow",
      Action: "bedrock:InvokeAgent",
      Resource: ids.map((id) => `arn:aws:bedrock:*:*:agent-alias/${id}/*`),
    },
  ],
});

describe("a caller that lacks its agent's key", () => {
  test("is given one inline policy of the guard's, and the rest of it stays", async () => {
    const it = world().with({ name: "bystander", inline: { other: [] } });
    const outcome = await it.review();
    expect(outcome).toMatchObject({ kind: "reviewed", written: [{ caller: APP }], findings: [], again: undefined });
    expect(it.holders.get(APP)?.inline).toEqual({ ...INVOKES, [OWN]: it.writes[0]?.text });
    expect(it.access(APP)).toEqual({ [KEY]: [A.id] });
    expect(it.holders.get(arn("bystander"))?.inline).toEqual({ other: [] });
  });

  test("has a journal entry, and people are told of the write with the way back", async () => {
    const it = world();
    await it.review();
    expect(it.entries).toMatchObject([{ caller: APP, action: "give", state: "told", before: undefined }]);
    const [entry] = it.entries;
    expect(it.published).toMatchObject([{ kind: "repaired", callers: [APP], causes: jobFor().causes }]);
    expect(it.published[0]?.text).toContain(`roll-back ${APP} ${entry?.id}`);
    expect(it.published[0]?.diff.join("\n")).toContain(`+ agent "${A.name}" (${A.id}) on ${KEY}`);
  });

  test("is left alone once it has what it needs, however often it is looked at", async () => {
    const it = world();
    for (const _ of "123") await it.review();
    expect([it.writes.length, it.published.length, it.queued.length]).toEqual([1, 1, 0]);
  });

  test("is written once for all its agents and keys, and again when one comes", async () => {
    const it = world().put(B);
    it.policies.set(OTHER_KEY, DELEGATES);
    it.put(agent("AGENT00003", { key: OTHER_KEY }));
    await it.review();
    expect(it.access(APP)).toEqual({ [KEY]: [A.id, B.id], [OTHER_KEY]: ["AGENT00003"] });
    it.put(agent("AGENT00004"));
    await it.review();
    expect(it.access(APP)[KEY]).toEqual([A.id, B.id, "AGENT00004"]);
    expect(it.writes).toHaveLength(2);
  });

  test("is given it by a look at the agent alone, and what it has for others stays", async () => {
    const it = world();
    await it.review();
    it.put(B);
    await it.review({ scope: { kind: "these", agents: [B.id], keys: [] } });
    expect(it.access(APP)).toEqual({ [KEY]: [A.id, B.id] });
  });

  test("is judged for all keys of the agents on a key that is looked at", async () => {
    const it = new World().with(LACKING).put(agent("AGENT00003", { key: KEY, versions: [OTHER_KEY] }));
    it.policies.set(OTHER_KEY, DELEGATES);
    expect(await it.review({ scope: { kind: "these", agents: [], keys: [KEY] } })).toMatchObject({ findings: [] });
    expect(it.access(APP)).toEqual({ [KEY]: ["AGENT00003"], [OTHER_KEY]: ["AGENT00003"] });
  });
});

describe("what is not certain", () => {
  test("is told and not written: who perhaps may invoke", async () => {
    const invoke = INVOKES.invoke.map((one) => ({ ...one, Condition: MFA }));
    const it = new World().with({ name: "app", inline: { invoke } }).put(A);
    expect(await it.review()).toMatchObject({
      written: [],
      findings: [{ kind: "caller-lacks-access", severity: "low" }],
    });
    expect(it.published[0]?.text).toContain("it is not certain that it may invoke the agent");
  });

  test("does not keep back what is: the caller is given the one, and told of the other", async () => {
    const perhaps = invoking(B.id).invoke.map((one) => ({ ...one, Condition: MFA }));
    const it = new World().with({ name: "app", inline: { ...invoking(A.id), perhaps } }).put(A, B);
    expect(await it.review()).toMatchObject({
      written: [{ caller: APP }],
      findings: [{ kind: "caller-lacks-access", severity: "low", agents: [B.id] }],
    });
    expect(it.access(APP)).toEqual({ [KEY]: [A.id] });
  });

  test("is proposed together with what was just given: the command takes nothing away again", async () => {
    const perhaps = invoking(B.id).invoke.map((one) => ({ ...one, Condition: MFA }));
    const it = new World().with({ name: "app", inline: { ...invoking(A.id), perhaps } }).put(A, B);
    await it.review();
    const problem = it.published.find(({ kind }) => kind === "proposed");
    const command = problem?.nextSteps.find((step) => step.startsWith("aws iam put-role-policy"));
    expect(command).toContain(A.id);
    expect(command).toContain(B.id);
  });
});

describe("what stands in the way is told, and nothing is written: ", () => {
  test("a Deny", async () => {
    const deny = [{ Effect: "Deny", Action: "kms:Decrypt", Resource: "*" }];
    const it = new World().with({ name: "app", inline: { ...INVOKES, deny } }).put(A);
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-denied" }] });
    expect(it.published[0]?.findings[0]?.evidence[0]).toContain('"Deny"');
  });

  test("a boundary", async () => {
    const it = new World().with({ name: "app", inline: INVOKES, boundary: "Boundary" }).put(A);
    it.managed = { Boundary: [{ Effect: "Allow", Action: "bedrock:*", Resource: "*" }] };
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-denied" }] });
    expect(it.published[0]?.text).toContain("permissions boundary");
  });

  test("a key policy that does not leave the key to IAM", async () => {
    const it = world();
    it.policies.set(KEY, []);
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-stopped" }] });
  });
});

test("what does not fit is told, with no command that IAM would refuse", async () => {
  const agents = Array.from({ length: 30 }, (_, i) => agent(`AGENT001${String(i).padStart(2, "0")}`));
  const it = new World().withUser({ name: "bot", inline: INVOKES }).put(...agents);
  const outcome = await it.review();
  expect(outcome).toMatchObject({ written: [{}], findings: [{ kind: "caller-policy-full" }] });
  const again = await it.review();
  expect(again).toMatchObject({ written: [], findings: [{ kind: "caller-policy-full" }] });
  expect(it.published.map(({ kind }) => kind)).toEqual(["repaired", "problem"]);
});

test("many callers are written to a part at a time, and the rest soon after", async () => {
  const names = Array.from({ length: 90 }, (_, i) => `app-${i}`);
  const it = new World().with(...names.map((name) => ({ ...LACKING, name }))).put(A);
  await it.review({}, { writesPerHour: 1000 });
  expect(it.writes).toHaveLength(40);
  expect(it.queued).toMatchObject([{ seconds: 180, job: { attempt: 0 } }]);
  for (const _ of "12") await it.review(it.queued.at(-1)?.job, { writesPerHour: 1000 });
  expect(it.writes).toHaveLength(90);
  expect(it.queued).toHaveLength(2);
});
