import { expect, test } from "vitest";
import { history } from "../../packages/cli/src/operate/history.ts";
import type { JournalEntry } from "../../packages/core/src/key/journal.ts";
import { DEFAULT_POLICY, KEY, World } from "../core/support/world.ts";
import { FakeDesk, type Habits, repairedWorld, TABLE } from "./fake-desk.ts";
import { ACTS_ON_TERMINALS } from "./run-cli.ts";

async function runs(world: World, args: readonly string[] = [], habits: Habits = {}) {
  const desk = new FakeDesk(world, habits);
  return { code: await history([KEY, ...TABLE, ...args], desk), out: desk.out };
}

/** A world with so many entries, the newest last. */
async function worldWith(count: number): Promise<World> {
  const world = await repairedWorld();
  const [first] = world.entries.splice(0);
  if (!first) throw new Error("the guard should have written");
  for (let i = 0; i < count; i++) {
    const at = `2026-11-23T11:00:${String(i).padStart(2, "0")}.000Z`;
    world.entries.push({ ...first, at, id: `${at}-abc` });
  }
  return world;
}

test("an entry says when, what was done, by whom, what became of it, why, and which statements", async () => {
  const world = await repairedWorld();
  const [entry] = world.entries;
  const { code, out } = await runs(world);
  expect(code).toBe(0);
  expect(out.split("\n").slice(2)).toEqual([
    `${entry?.at}  repair`,
    `entry    ${entry?.id}`,
    "by       guard",
    "state    told: KMS took it, and people were told",
    "why      2026-11-23T10:00:00.000Z  PutKeyPolicy by",
    "         arn:aws:iam::111122223333:role/terraform (session ci)",
    "what     added BedrockKeyGuardServiceSessions, BedrockKeyGuardRoleSessions,",
    "         BedrockKeyGuardServiceGrants",
  ]);
  expect(world.writes).toEqual([]);
});

test("entries are shown newest first, twenty of them, or as many as are asked for", async () => {
  const world = await worldWith(30);
  const shown = (out: string) => [...out.matchAll(/^entry {4}(\S+)/gm)].map((match) => match[1]);
  const usual = await runs(world);
  expect(shown(usual.out)).toEqual(
    world.entries
      .slice(10)
      .map(({ id }) => id)
      .reverse(),
  );
  expect(usual.out).toContain("there are older ones");
  expect(shown((await runs(world, ["--limit", "1"])).out)).toEqual([world.entries.at(-1)?.id]);
  const all = await runs(world, ["--limit", "30"]);
  expect([shown(all.out).length, all.out.includes("older")]).toEqual([30, false]);
});

test.each(["0", "-1", "1001", "1.5", "many"])("a limit of `%s` is refused", async (limit) => {
  await expect(runs(new World(), [`--limit=${limit}`])).rejects.toThrow("give a whole number from 1 to 1000");
});

test("the diff is shown with `--diff` only", async () => {
  const world = await repairedWorld();
  const line = '  +   "Sid": "BedrockKeyGuardServiceSessions"';
  expect((await runs(world)).out).not.toContain(line);
  expect((await runs(world, ["--diff"])).out).toContain(line);
});

test("an empty history says so, and doubts a table that no sweep was started with", async () => {
  const world = new World();
  const empty = (await runs(world)).out.replaceAll("\n", " ");
  expect(empty).toContain("nothing was ever written to this key's policy by this guard");
  expect(empty).toContain("is it the guard's?");
});

test("a hold is shown with the command that lifts it; one that was lifted is none", async () => {
  const world = await repairedWorld();
  const hold = { by: "ana", reason: "not wanted", at: "2026-11-23T11:00:00.000Z" } as const;
  world.heldKeys.set(KEY, { kind: "rollback", ...hold });
  const { out } = await runs(world);
  expect(out).toContain("on hold  since 2026-11-23T11:00:00.000Z (rollback), by ana: not wanted");
  expect(out).toContain(`resume-key ${KEY}`);
  world.heldKeys.set(KEY, { kind: "lifted", ...hold });
  expect((await runs(world)).out).not.toContain("on hold");
  expect(JSON.parse((await runs(world, ["--json"])).out).hold).toBe(null);
});

test("as JSON it holds the policies before and after", async () => {
  const world = await repairedWorld();
  const { out } = await runs(world, ["--json"]);
  expect(JSON.parse(out)).toMatchObject({
    key: KEY,
    hold: null,
    more: false,
    entries: [{ id: world.entries[0]?.id, action: "repair", before: DEFAULT_POLICY, after: world.policies.get(KEY) }],
  });
});

test("statements are told as added, changed or removed, those without a Sid by their place", async () => {
  const world = await repairedWorld();
  const policy = (...statements: readonly object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const allow = { Effect: "Allow", Principal: "*", Resource: "*" };
  const [entry] = world.entries as [JournalEntry];
  world.entries[0] = {
    ...entry,
    before: policy({ ...allow, Sid: "A", Action: "kms:Decrypt" }, { ...allow, Action: "kms:Sign" }),
    after: policy({ ...allow, Sid: "A", Action: "kms:Encrypt" }, { ...allow, Sid: "B", Action: "kms:Verify" }),
  };
  expect((await runs(world)).out).toContain("what     added B; changed A; removed statement 2");
});

test.each([
  ["opened", "may have added"],
  ["abandoned", "would have added"],
  ["refused", "would have added"],
  ["put", "added"],
  ["verified", "added"],
] as const)("an entry that is `%s` %s", async (state, says) => {
  const world = await repairedWorld();
  const [entry] = world.entries as [JournalEntry];
  world.entries[0] = { ...entry, state };
  const { out } = await runs(world);
  expect(out).toContain(`what     ${says} BedrockKeyGuardServiceSessions`);
  expect(out).toContain(`state    ${state}: `);
});

test("nothing in an entry acts on a terminal", async () => {
  const world = await repairedWorld();
  const [entry] = world.entries as [JournalEntry];
  const evil = "\u001b[2Jx\u202ey\r";
  world.entries[0] = { ...entry, by: evil, diff: [`+ ${evil}`] };
  world.heldKeys.set(KEY, { kind: "person", by: evil, reason: evil, at: "2026-11-23T11:00:00.000Z" });
  for (const args of [["--diff"], ["--json"]]) {
    const { out } = await runs(world, args);
    expect(out).not.toMatch(ACTS_ON_TERMINALS);
    expect(out).toContain("[2Jx");
  }
});
