/** One alert about what one actor brought about. */
import { describe, expect, test } from "vitest";
import type { AgentId, KeyArn } from "../../../packages/core/src/arn.ts";
import { A, ALICE, B, BOB, C, DAY, eventBy, HOUR, iso, MINUTE, problem } from "../finding/records.ts";
import { KEY } from "../support/world.ts";
import { inShort, TellingWorld } from "./world.ts";

const OTHER_KEY = KEY.replace(/.{4}$/, "0000") as KeyArn;

/** @param n - from 1 */
function keyNumber(n: number): KeyArn {
  return KEY.replace(/.{4}$/, String(n).padStart(4, "0")) as KeyArn;
}

describe("what one actor brought about", () => {
  test("is one alert, and what another one did is another", async () => {
    const it = new TellingWorld();
    await it.look([{}]);
    await it.look([{ key: OTHER_KEY }], { subject: OTHER_KEY });
    await it.look([{ kind: "trail-not-logging" }], { subject: "guard" }, BOB);
    const told = await it.tell();
    expect(inShort(told)).toEqual([
      "problem: blocked-by-deny opened, blocked-by-deny opened",
      "problem: trail-not-logging opened",
    ]);
    expect(told[0]?.keys.map(({ arn }) => arn)).toEqual([KEY, OTHER_KEY]);
    expect(told[0]?.causes).toMatchObject([{ actor: { arn: ALICE } }, { actor: { arn: ALICE } }]);
  });

  test("is told by its worst: open problems first, then what was done, then what is over", async () => {
    const it = new TellingWorld();
    await it.look([{ kind: "policy-full", severity: "critical" }]);
    await it.tell();
    await it.repair();
    await it.look([
      { kind: "key-unusable", severity: "low" },
      { kind: "blocked-by-deny", severity: "high" },
    ]);
    const [alert, ...others] = await it.tell();
    expect(others).toEqual([]);
    expect(inShort(alert ? [alert] : [])).toEqual([
      "problem: blocked-by-deny opened, key-unusable opened, access-missing happened, policy-full resolved",
    ]);
    // That something critical is over is not critical.
    expect(alert).toMatchObject({ severity: "high", kind: "problem" });
    expect(alert?.headline).toBe("blocked-by-deny: agents fail, and 3 more findings.");
  });

  test("in many places is one alert: five in full, the rest a line each, and where to read more", async () => {
    const it = new TellingWorld();
    for (let n = 1; n <= 130; n++) await it.look([{ key: keyNumber(n) }], { subject: keyNumber(n) });
    const [alert, ...others] = await it.tell();
    expect(others).toEqual([]);
    expect(alert?.findings).toHaveLength(100);
    expect(alert?.findings.map(({ detail }) => detail !== "")).toEqual(Array.from({ length: 100 }, (_, i) => i < 5));
    expect(alert?.headline).toContain("and 129 more like it");
    expect(alert?.nextSteps).toContain("What to do about the other 125:");
    expect(alert?.nextSteps.at(-1)).toBe("list-findings");
    expect(alert?.keys).toHaveLength(130);
  });
});

test("one deed for several agents is one finding, by all their names for silencing", async () => {
  const it = new TellingWorld();
  for (const agent of [A, B, C]) await it.repair({ agents: [agent], which: [agent] });
  const [alert] = await it.tell();
  expect(alert?.findings).toMatchObject([{ kind: "access-missing", agents: [A, B, C] }]);
  expect(alert?.findings[0]?.refs).toHaveLength(3);
  expect(alert?.findings[0]?.title).toContain("(and so for 2 more)");
});

test("another change of the policy is another deed", async () => {
  const it = new TellingWorld();
  await it.repair({ agents: [A], which: [A], diff: ["+ one"] });
  await it.repair({ agents: [B], which: [B], diff: ["+ another"] });
  const [alert] = await it.tell();
  expect(alert?.findings).toHaveLength(2);
});

describe("the kind of an alert", () => {
  const only = async (it: TellingWorld) => {
    const [alert, ...others] = await it.tell();
    expect(others).toEqual([]);
    return alert?.kind;
  };

  test("is `problem` where somebody has to act, `proposed` where the guard only did not write", async () => {
    const it = new TellingWorld();
    await it.look([{ kind: "addition-held-back" }]);
    expect(await only(it)).toBe("proposed");
    await it.look([{ kind: "addition-held-back", agents: [A, B] }, { kind: "blocked-by-deny" }]);
    expect(await only(it)).toBe("problem");
  });

  test("is `repaired`, `rolled-back` or `resolved` where nobody has to", async () => {
    const it = new TellingWorld();
    await it.repair();
    expect(await only(it)).toBe("repaired");
    await it.repair({ kind: "policy-rolled-back" });
    expect(await only(it)).toBe("rolled-back");
    await it.look([{}]);
    await it.tell();
    await it.look([]);
    expect(await only(it)).toBe("resolved");
  });
});

describe("an alert", () => {
  test("says since when, and who did it", async () => {
    const it = new TellingWorld();
    const cause = eventBy(BOB, iso(MINUTE));
    await it.pass(HOUR).look([{}], { causes: [cause] });
    const [alert] = await it.tell();
    expect(alert?.causes).toEqual([cause]);
    expect(alert?.findings).toMatchObject([{ since: iso(HOUR), times: 1, resolved: undefined }]);
  });

  test("about one finding stays in its thread, and the thread is that of the first", async () => {
    const it = new TellingWorld();
    await it.look([{}]);
    const [opened] = await it.tell();
    await it.look([{ severity: "critical" }]);
    const [worse] = await it.tell();
    await it.look([]);
    const [over] = await it.tell();
    expect(new Set([opened?.thread, worse?.thread, over?.thread]).size).toBe(1);
    expect(new Set([opened?.id, worse?.id, over?.id]).size).toBe(3);
  });

  test("tells how to silence what stands, not what is done or over", async () => {
    const it = new TellingWorld();
    await it.look([{}]);
    const { ref } = it.record("blocked-by-deny");
    expect((await it.tell())[0]?.wayBack).toContain(`silence ${ref}`);
    await it.repair();
    await it.look([]);
    expect((await it.tell())[0]?.wayBack.join()).not.toContain("silence");
  });

  test("about who keeps undoing repairs holds the snippets, and no other alert about a repair does", async () => {
    const it = new TellingWorld();
    const snippets = ["Terraform, in aws_kms_key_policy:", "data {}"];
    const told = [];
    for (let week = 0; week < 3; week++) {
      await it.repair({ snippets });
      told.push(...(await it.tell()));
      it.pass(7 * DAY);
    }
    const [first, last] = told;
    expect(first?.nextSteps.join()).not.toContain("Terraform");
    expect(last?.nextSteps).toEqual(expect.arrayContaining(snippets));
    expect(last?.headline).toContain(ALICE);
  });

  test("names an agent by its name where it is known, and else by its id", async () => {
    const it = new TellingWorld();
    const names = new Map<AgentId, string>([[A, "support-bot"]]);
    await it.look([{ agents: [A, B] }], { names });
    expect((await it.tell())[0]?.agents).toEqual([
      { id: A, name: "support-bot" },
      { id: B, name: B },
    ]);
  });

  test("takes its account's alias and its keys' aliases where they can be read, and is told without them", async () => {
    for (const broken of [false, true]) {
      const it = new TellingWorld();
      it.people.aliases = ["alias/agents"];
      const read = it.people.names;
      const names = {
        accountAlias: broken ? () => Promise.reject(new Error("denied")) : read.accountAlias,
        keyAliases: broken ? () => Promise.reject(new Error("denied")) : read.keyAliases,
      };
      Object.assign(it.people.names, names);
      await it.look([{}]);
      const [alert] = await it.tell();
      expect(alert?.account.alias).toBe(broken ? undefined : "acme-production");
      expect(alert?.keys).toEqual([{ arn: KEY, aliases: broken ? [] : ["alias/agents"] }]);
    }
  });
});

test("a finding's parts in an alert are those of the finding", async () => {
  const it = new TellingWorld();
  await it.look([{}]);
  const { title, detail, remedy } = problem();
  expect((await it.tell())[0]?.findings).toMatchObject([{ title, detail, remedy }]);
});
