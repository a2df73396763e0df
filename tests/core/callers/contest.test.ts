/** Whether somebody keeps taking the guard's policy from a caller: then the guard stops. */
import { describe, expect, test } from "vitest";
import { digest } from "../../../packages/core/src/finding/finding.ts";
import { problemsIn } from "../support/announcer.ts";
import { KEY, policyText } from "./account.ts";
import { agent, arn, HOUR, LACKING, World } from "./world.ts";

const A = agent("AGENT00001");
const APP = arn("app");
const world = () => new World().with(LACKING).put(A);

describe("a contest", () => {
  /** Somebody takes it away; nobody says who. */
  const taken = async (it: World, times: number) => {
    for (let i = 0; i < times; i++) {
      it.pass(HOUR);
      await it.review();
      it.setOwn(APP, undefined);
    }
  };

  test("after three removals within a day: the guard stops, tells it once, and names who called last", async () => {
    const it = world();
    await taken(it, 3);
    expect(it.writes).toHaveLength(3);
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-contested" }] });
    for (const _ of "12") await it.review();
    expect(problemsIn(it.published)).toHaveLength(1);
    expect(it.published.at(-1)?.text).toContain("role/terraform");
    expect(it.held.get(APP)?.kind).toBe("contest");
  });

  test("is over when a person lets the guard write again; removals of before do not count any more", async () => {
    const it = world();
    await taken(it, 3);
    await it.review();
    it.hold(APP, "lifted", it.clock.now());
    await taken(it, 3);
    expect(it.writes).toHaveLength(6);
    expect(await it.review()).toMatchObject({ findings: [{ kind: "caller-contested" }] });
  });

  test("is none where removals are days apart", async () => {
    const it = world();
    for (let i = 0; i < 5; i++) {
      await taken(it, 1);
      it.pass(13 * HOUR);
    }
    expect(it.writes).toHaveLength(5);
  });

  test("is none where the guard itself takes and gives as agents go and come", async () => {
    const it = world();
    for (let i = 0; i < 5; i++) {
      it.pass(HOUR);
      await it.review();
      it.drop(A.id);
      it.pass(HOUR);
      await it.review();
      it.put(A);
    }
    expect(it.writes).toHaveLength(10);
    expect(it.held.size).toBe(0);
  });

  test("is none where a deployment in another Region writes its own part of the policy", async () => {
    const it = world();
    const far = KEY.replace("eu-west-1", "us-east-1");
    for (let i = 0; i < 9; i++) {
      it.pass(HOUR);
      it.put(agent(`AGENT0001${i}`));
      await it.review();
      const own = JSON.parse(policyText(it.own(APP) ?? []));
      const mine = own.Statement.filter((one: { Resource: string }) => one.Resource === KEY);
      const theirs = JSON.parse(JSON.stringify(mine[0]).replaceAll("eu-west-1", "us-east-1"));
      const Statement = i % 2 === 0 ? [...mine, { ...theirs, Sid: `BedrockKeyGuard${digest(far)}` }] : mine;
      it.setOwn(APP, { ...own, Statement });
    }
    expect(it.writes).toHaveLength(9);
    expect(it.held.size).toBe(0);
  });
});
