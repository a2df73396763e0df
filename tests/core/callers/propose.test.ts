/** Where the guard does not write: people are told what is lacking, with what mends it, and told again of news only. */
import { describe, expect, test } from "vitest";
import type { CallersSettings } from "../../../packages/core/src/callers/reconcile.ts";
import { NOT_VISIBLE } from "../../../packages/core/src/callers/review.ts";
import { ACCOUNT, KEY, OTHER_KEY } from "./account.ts";
import { agent, arn, INVOKES, LACKING, OWN, World } from "./world.ts";

const A = agent("AGENT00001");
const B = agent("AGENT00002");
const PROPOSE: Partial<CallersSettings> = { mode: "propose" };
const ONLY_A = { scope: { kind: "these", agents: [A.id], keys: [] } } as const;

const world = () => new World().with(LACKING).put(A);

const changesIn = (it: World) => it.published.flatMap(({ findings }) => findings.map(({ change }) => change));

describe("a caller that lacks its agent's key", () => {
  test("is told of, with the policy, the command and the three snippets; nothing is written", async () => {
    const it = world();
    const outcome = await it.review({}, PROPOSE);
    expect(outcome).toMatchObject({
      kind: "reviewed",
      findings: [{ kind: "caller-lacks-access", severity: "medium" }],
    });
    const [alert] = it.published;
    expect(alert).toMatchObject({ kind: "proposed", callers: [arn("app")], keys: [] });
    expect(alert?.agents).toEqual([{ id: A.id, name: A.name }]);
    const policy = JSON.parse(alert?.findings[0]?.evidence[0] ?? "");
    expect(policy.Statement).toMatchObject([{ Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: KEY }]);
    const steps = alert?.nextSteps.join("\n") ?? "";
    expect(steps).toContain(
      `aws iam put-role-policy --role-name app --policy-name ${OWN} --policy-document '{"Version"`,
    );
    for (const tool of ["Terraform", "CloudFormation", "CDK"]) expect(steps).toContain(`${tool}, `);
    expect([it.writes, it.entries, it.spent.size]).toEqual([[], [], 0]);
  });

  test("is told of once, and again after it was well in between", async () => {
    const it = world();
    for (const _ of "123") await it.review({}, PROPOSE);
    expect(it.published).toHaveLength(1);
    it.change(arn("app"), { inline: {} });
    await it.review({}, PROPOSE);
    it.change(arn("app"), { inline: INVOKES });
    await it.review({}, PROPOSE);
    expect(changesIn(it)).toEqual(["opened", "resolved", "reopened"]);
  });

  test("is told of again for a new agent, and not for one that is no longer its own", async () => {
    const it = world().put(B);
    await it.review({}, PROPOSE);
    it.drop(B.id);
    await it.review({}, PROPOSE);
    expect(it.published).toHaveLength(1);
    it.put(agent("AGENT00003"));
    await it.review({}, PROPOSE);
    expect(it.published).toHaveLength(2);
    expect(it.published[1]?.agents.map(({ id }) => id)).toEqual(["AGENT00001", "AGENT00003"]);
  });

  test("is not told of again by a look at some of its agents, whichever comes first", async () => {
    const it = world().put(B);
    for (const job of [{}, ONLY_A, {}, ONLY_A]) await it.review(job, PROPOSE);
    expect(it.published).toHaveLength(1);

    const other = world().put(B);
    await other.review(ONLY_A, PROPOSE);
    expect(other.published[0]?.findings[0]?.agents).toEqual([A.id]);
    for (const job of [{}, ONLY_A]) await other.review(job, PROPOSE);
    expect(other.published).toHaveLength(2);
  });

  test("is told of once even where some key can never be judged", async () => {
    const foreign = agent("AGENT00003", { key: KEY.replace(ACCOUNT, "999988887777") });
    const it = world().put(foreign);
    await it.review({}, PROPOSE);
    it.change(arn("app"), { inline: {} });
    await it.review({}, PROPOSE);
    it.change(arn("app"), { inline: INVOKES });
    await it.review({}, PROPOSE);
    expect(changesIn(it)).toEqual(["opened", "resolved", "reopened"]);
  });
});

describe("what is proposed", () => {
  const settled = async () => {
    const it = world().put(B);
    await it.review();
    it.published.length = 0;
    return it;
  };

  test("is one policy, for what is lacking and what is not needed together", async () => {
    const it = await settled();
    it.drop(B.id).put(agent("AGENT00003"));
    const outcome = await it.review({}, PROPOSE);
    expect(outcome).toMatchObject({ findings: [{ kind: "caller-lacks-access" }, { kind: "caller-access-unneeded" }] });
    const commands = it.published[0]?.nextSteps.filter((step) => step.startsWith("aws iam put-role-policy"));
    expect(new Set(commands).size).toBe(1);
    expect(commands?.[0]).toContain("AGENT00003");
    expect(commands?.[0]).not.toContain("AGENT00002");
  });

  test("is to take the policy away where nothing of it is needed", async () => {
    const it = await settled();
    it.policies.set(OTHER_KEY, []);
    it.drop(A.id, B.id).put(agent("AGENT00003", { key: OTHER_KEY }));
    it.change(arn("app"), { inline: { [OWN]: it.own(arn("app")) ?? [] } });
    await it.review({}, PROPOSE);
    expect(it.published[0]?.nextSteps).toContain(`aws iam delete-role-policy --role-name app --policy-name ${OWN}`);
    expect(it.access(arn("app"))).not.toEqual({});
  });

  test("fits: what does not is told apart, with a managed policy", async () => {
    const agents = Array.from({ length: 30 }, (_, i) => agent(`AGENT001${String(i).padStart(2, "0")}`));
    const it = new World().withUser({ name: "bot", inline: INVOKES }).put(...agents);
    await it.review({}, PROPOSE);
    const [lacks, full] = it.published[0]?.findings ?? [];
    expect([lacks?.kind, full?.kind]).toEqual(["caller-lacks-access", "caller-policy-full"]);
    expect((lacks?.agents.length ?? 0) + (full?.agents.length ?? 0)).toBe(30);
    const size = JSON.stringify(JSON.parse(lacks?.evidence[0] ?? "")).length;
    expect(size).toBeLessThan(2_048);
    expect(full?.remedy.join("\n")).toContain("aws iam attach-user-policy --user-name bot");
  });
});

test("administrators are not told of, whatever they lack", async () => {
  const all = [{ Effect: "Allow", Action: "*", Resource: "*" }];
  const boundary = { Boundary: [{ Effect: "Allow", Action: "bedrock:*", Resource: "*" }] };
  for (const mode of ["propose", "enforce"] as const) {
    const it = new World().with({ name: "admin", inline: { all }, boundary: "Boundary" }).put(A);
    it.managed = boundary;
    expect(await it.review({}, { mode })).toMatchObject({ callers: 1, findings: [], written: [] });
    expect(it.published).toEqual([]);
  }
});

const DENY = [{ Effect: "Deny", Action: "kms:*", Resource: "*" }];

describe("what can't be seen from here is said where somebody can't, or perhaps can't, use a key:", () => {
  test.each([
    ["caller-lacks-access", {}],
    ["caller-denied", { inline: { DENY } }],
    ["caller-depends", { inline: { broken: "{" } }],
    ["caller-stopped", { key: [] }],
    [
      "caller-policy-full",
      { inline: { padding: [{ Effect: "Allow", Action: "s3:Get*", Resource: "x".repeat(10_000) }] } },
    ],
  ] as const)("%s", async (kind, { inline = {}, key }: { inline?: object; key?: readonly object[] }) => {
    const it = new World().with({ name: "app", inline: { ...INVOKES, ...inline } }).put(A);
    if (key) it.policies.set(KEY, key);
    expect(await it.review({}, PROPOSE)).toMatchObject({ findings: [{ kind }] });
    const [said, ...more] = it.published[0]?.nextSteps.filter((step) => step.startsWith("Not visible from here")) ?? [];
    for (const { what } of NOT_VISIBLE) expect(said).toContain(what.replace("-", " "));
    expect(more).toEqual([]);
  });

  test("once in a message, whoever it tells of", async () => {
    const it = world().with({ ...LACKING, name: "other" }, { name: "denied", inline: { ...INVOKES, DENY } });
    await it.review({}, PROPOSE);
    expect(it.published[0]?.findings).toHaveLength(3);
    expect(it.published[0]?.nextSteps.filter((step) => step.startsWith("Not visible from here"))).toHaveLength(1);
  });
});

test("a broken document is told of as what decides, and nothing is written for it", async () => {
  const it = new World().with({ name: "app", inline: { ...INVOKES, broken: "{" } }).put(A);
  expect(await it.review()).toMatchObject({ findings: [{ kind: "caller-depends", severity: "low" }], written: [] });
  expect(it.published[0]?.text).toContain("inline policy broken");
});

test("in the mode `off` nothing is read, and in `observe` people are told as in `propose`", async () => {
  const off = world();
  expect(await off.review({}, { mode: "off" })).toMatchObject({ kind: "skipped" });
  expect([off.readings, off.published]).toEqual([0, []]);
  const observe = world();
  await observe.review({}, { mode: "observe" });
  expect(observe.published[0]?.text).toContain("mode is observe");
});

test("an agent with two keys is two needs", async () => {
  const it = world();
  await it.review({}, PROPOSE);
  it.policies.set(OTHER_KEY, it.policies.get(KEY));
  it.put(agent(A.id, { versions: [OTHER_KEY] }));
  await it.review({}, PROPOSE);
  expect(it.published).toHaveLength(2);
});
