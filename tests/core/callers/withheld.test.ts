/** Whom the guard never writes to, and the keys for which it does not. */
import { describe, expect, test } from "vitest";
import type { TagReading } from "../../../packages/core/src/ports.ts";
import { ACCOUNT, DELEGATES, KEY, OTHER_KEY } from "./account.ts";
import { agent, arn, INVOKES, LACKING, OWN, World } from "./world.ts";

const A = agent("AGENT00001");
const APP = arn("app");
const tagged = (value: string) => ({ ...LACKING, tags: { "bedrock-key-guard": value } });
const OPT_IN = { optIn: { key: "guarded", value: "yes" } };

describe.each([
  ["a service-linked role", { ...LACKING, path: "/aws-service-role/x.amazonaws.com/" }, {}, "another role"],
  ["another role that AWS reserves", { ...LACKING, path: "/aws-reserved/x/" }, {}, "another role"],
  ["a permission set's role", { ...LACKING, path: "/aws-reserved/sso.amazonaws.com/" }, {}, "permission set"],
  ["the guard's own role", { ...LACKING, name: "guard-callers" }, {}, "the guard's own"],
  ["a role tagged off", tagged("off"), {}, "says `off`"],
  ["a role tagged observe", tagged("observe"), {}, "says `observe`"],
  ["a role with a tag that is no mode", tagged("please not"), {}, "which is no mode"],
  ["a role that is not opted in", LACKING, OPT_IN, "opt-in tag `guarded=yes`"],
  [
    "a role whose policy was edited",
    { ...LACKING, inline: { ...INVOKES, [OWN]: [] } },
    {},
    "not as the guard writes it",
  ],
] as const)("%s", (_, role, settings, says) => {
  const world = () => new World().with(role).put(A);

  test("is told of, and not written to", async () => {
    const it = world();
    const [before] = it.holders.values();
    expect(await it.review({}, settings)).toMatchObject({ written: [], findings: [{ kind: "caller-lacks-access" }] });
    expect(it.published[0]?.text).toContain(says);
    expect([...it.holders.values()]).toEqual([before]);
    expect([it.entries, it.spent.size]).toEqual([[], 0]);
  });

  test("is told a command only where it would not fail, and would not replace somebody's work", async () => {
    const it = world();
    await it.review({}, settings);
    const commands = it.published[0]?.nextSteps.filter((step) => step.startsWith("aws iam put-"));
    const works = !("path" in role) && role.name !== "guard-callers" && says !== "not as the guard writes it";
    expect(commands).toHaveLength(works ? 1 : 0);
  });
});

test("a role that was tagged after IAM was read is not written to: tags are read right before", async () => {
  const it = new World().with(LACKING).put(A);
  it.beforeRead = () => it.change(APP, { tags: { "bedrock-key-guard": "off" } });
  expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-lacks-access" }] });
  expect(it.published[0]?.text).toContain("the role's tag `bedrock-key-guard` says `off`");
});

test("an opted-in role is written to", async () => {
  const it = new World().with({ ...LACKING, tags: { guarded: "yes" } }).put(A);
  expect(await it.review({}, OPT_IN)).toMatchObject({ written: [{ caller: APP }] });
});

test("a tagged role that has more than it needs is told of", async () => {
  const it = new World().with(LACKING).put(A);
  await it.review();
  it.change(APP, { tags: { "bedrock-key-guard": "observe" } });
  it.drop(A.id);
  expect(await it.review()).toMatchObject({ findings: [{ kind: "caller-access-unneeded" }], written: [] });
  expect(it.published.at(-1)?.nextSteps).toContain(`aws iam delete-role-policy --role-name app --policy-name ${OWN}`);
});

describe("a key", () => {
  const tags = (value: string): TagReading => ({ kind: "found", tags: new Map([["bedrock-key-guard", value]]) });

  test.each([
    ["of another account", (it: World) => it.put(agent(A.id, { key: KEY.replace(ACCOUNT, "999988887777") }))],
    ["of another Region", (it: World) => it.put(agent(A.id, { key: KEY.replace("eu-west-1", "us-east-1") }))],
    ["that is not there", (it: World) => it.policies.delete(KEY)],
    ["whose policy can't be read", (it: World) => it.policies.set(KEY, undefined)],
    ["whose policy is no policy", (it: World) => it.policies.set(KEY, "{")],
    ["whose tags can't be read", (it: World) => it.keyTags.set(KEY, { kind: "denied", message: "no" })],
    ["whose tag says off", (it: World) => it.keyTags.set(KEY, tags("off"))],
  ] as const)("%s has no callers judged, and others are", async (_, change) => {
    const it = new World().with(LACKING).put(A);
    it.policies.set(OTHER_KEY, DELEGATES);
    it.put(agent("AGENT00002", { key: OTHER_KEY }));
    change(it);
    expect(await it.review()).toMatchObject({ findings: [] });
    expect(it.access(APP)).toEqual({ [OTHER_KEY]: ["AGENT00002"] });
  });

  test("whose tag lowers the mode has its callers told of, by that reason alone, and not written to", async () => {
    const it = new World().with(LACKING).put(A);
    it.keyTags.set(KEY, tags("propose"));
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-lacks-access" }] });
    expect(it.published[0]?.nextSteps[0]).toBe(
      "Not written by the guard: the key's tag `bedrock-key-guard` says `propose`.",
    );
  });

  test("whose tag lowers the mode does not keep back what the caller needs on another", async () => {
    const it = new World().with(LACKING).put(A);
    it.keyTags.set(KEY, tags("propose"));
    it.policies.set(OTHER_KEY, DELEGATES);
    it.put(agent("AGENT00002", { key: OTHER_KEY }));
    expect(await it.review()).toMatchObject({
      written: [{}],
      findings: [{ kind: "caller-lacks-access", agents: [A.id] }],
    });
    expect(it.access(APP)).toEqual({ [OTHER_KEY]: ["AGENT00002"] });
  });
});
