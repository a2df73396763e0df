/** Each call of a repair, denied in turn: a finding or a retry, never a blind write, never a look that goes round for ever. */
import { describe, expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { type Call, recorded } from "../support/recorded.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const JOB = jobFor({ agents: [A.id] });

/** Calls whose port has a word for being denied; the others throw, and the queue delivers the message again. */
const WORDS: Readonly<Record<string, unknown>> = {
  "agents.get": { kind: "denied", message: "not authorized" },
  "agents.versions": { kind: "denied", message: "not authorized" },
  "keys.describe": { kind: "denied", message: "not authorized" },
  "keys.tags": { kind: "denied", message: "not authorized" },
  "keys.policy": { kind: "denied", message: "not authorized" },
  "roles.lookUp": { kind: "denied", message: "not authorized" },
  "writer.putPolicy": { kind: "refused", code: "AccessDeniedException", message: "not authorized" },
};

class Denied extends Error {}

/** A key that lacks everything, for the agent of the event and for one that the inventory knows. */
function prepared(): World {
  return new World().withKey(DEFAULT_POLICY).put(A, B);
}

async function callsOfRepair(): Promise<readonly Call[]> {
  const calls: Call[] = [];
  expect((await reconcileKey(JOB, recorded(prepared(), calls), SETTINGS)).kind).toBe("repaired");
  return calls;
}

/** The journal had the whole entry, with the very policy that was replaced, before each put. */
function everyPutIsJournalled(world: World): void {
  for (const { text } of world.writes) {
    expect(world.entries).toContainEqual(expect.objectContaining({ before: DEFAULT_POLICY, after: text }));
  }
}

const repair = await callsOfRepair();

describe("AccessDenied on a single call of a repair", () => {
  test.for(repair.map(({ name }, index) => [index, name] as const))("call %i, %s", async ([denied, name]) => {
    const world = prepared();
    const calls: Call[] = [];
    const ports = recorded(world, calls, (_, index) => {
      if (index !== denied) return undefined;
      const word = WORDS[name];
      if (word !== undefined) return word;
      throw new Denied(name);
    });
    let kind: string;
    try {
      kind = (await reconcileKey(JOB, ports, SETTINGS)).kind;
    } catch (error) {
      expect(error).toBeInstanceOf(Denied);
      kind = "retried";
    }
    everyPutIsJournalled(world);
    const putCalls = calls.filter((call) => call.name === "writer.putPolicy").length;
    expect(putCalls).toBeLessThanOrEqual(1);
    if (WORDS[name] === undefined) expect(kind).toBe("retried");
    else expect(["alerted", "proposed", "deferred", "repaired"]).toContain(kind);
    // What could not be asked keeps the guard from writing, whatever was asked before.
    const put = repair.findIndex((call) => call.name === "writer.putPolicy");
    if (denied < put && kind !== "repaired") expect(world.writes).toEqual([]);

    // As soon as it is allowed again, the next look ends what was begun.
    world.pass(120_000);
    const next = await reconcileKey(JOB, world, SETTINGS);
    expect(["repaired", "compliant"]).toContain(next.kind);
    expect(world.policies.get(KEY)).toContain(A.arn);
    expect(world.policies.get(KEY)).toContain(B.arn);
    // What could not be asked for one agent or role does not keep the others waiting.
    expect(world.writes.length).toBeLessThanOrEqual(2);
    expect(world.entries.every(({ state }) => state === "told" || state === "abandoned" || state === "refused")).toBe(
      true,
    );
    expect(world.published.some((alert) => alert.kind === "repaired")).toBe(true);
  });

  test.for(repair.map(({ name }) => name).filter((name, index, all) => all.indexOf(name) === index))(
    "for good, of %s: the look ends, time after time",
    async (name) => {
      const world = prepared();
      const ports = recorded(world, [], (call) => {
        if (call.name !== name) return undefined;
        const word = WORDS[name];
        if (word !== undefined) return word;
        throw new Denied(name);
      });
      let job = JOB;
      for (let i = 0; i < 12; i++) {
        const before = world.again.length;
        await reconcileKey(job, ports, SETTINGS).catch((error) => expect(error).toBeInstanceOf(Denied));
        const again = world.again.at(-1);
        // A look that puts itself off counts its attempts, and gives up.
        if (world.again.length > before && again) job = again.job;
        world.pass(900_000);
      }
      expect(world.again.length).toBeLessThanOrEqual(8);
      // The same thing is told once; what KMS never shows may be told again with each write that was made.
      expect(world.published.length).toBeLessThanOrEqual(2);
      everyPutIsJournalled(world);
    },
  );
});
