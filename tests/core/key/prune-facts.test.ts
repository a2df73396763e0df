/** Whom pruning reads, what it takes for confirmed, and when. What comes of it on a key: prune.test.ts. */
import { describe, expect, test } from "vitest";
import type { AgentId, KeyArn } from "../../../packages/core/src/arn.ts";
import { NO_ACCESS, type OwnAccess } from "../../../packages/core/src/key/own-access.ts";
import { type PruneFacts, type PrunePorts, pruneStale } from "../../../packages/core/src/key/prune.ts";
import type { Agent, InventoryAgent } from "../../../packages/core/src/ports.ts";
import { agent, KEY, OTHER_ROLE, ROLE, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const GONE = agent("GGGGGGGGGG");
const OTHER_KEY = KEY.replace("key/1111", "key/9999") as KeyArn;
/** The clock of the world says 10:00:05 when it is asked first. */
const NOW = "2026-11-23T10:00:05.000Z";
const FIVE_MINUTES_AGO = "2026-11-23T09:55:05.000Z";
const LATER = "2026-11-23T09:55:05.001Z";
const LONG_AGO = "2026-11-23T08:00:00.000Z";
const SWEPT = "2026-11-23T09:00:00.000Z";

const seen = (one: Agent, seenAt = SWEPT): InventoryAgent => ({ agent: one, seenAt });
const numbered = (n: number) => agent(`N${String(n).padStart(9, "0")}`);

function facts(changes: Partial<PruneFacts>): PruneFacts {
  const none = { key: KEY, given: NO_ACCESS, needed: NO_ACCESS, agents: [], live: new Set<AgentId>() };
  return { ...none, blind: false, sweptSince: undefined, ...changes };
}

interface Observed {
  readonly ports: PrunePorts;
  readonly read: AgentId[];
  /** What was noted, each time that it was. */
  readonly noted: ReadonlyMap<string, string>[];
}

/** A world in which these agents are there, and these absences were noted before. */
function observed(there: readonly Agent[], absent: Readonly<Record<string, string>> = {}): Observed {
  const world = new World();
  for (const one of there) world.live.set(one.id, one);
  world.absent.set(KEY, new Map(Object.entries(absent)));
  const read: AgentId[] = [];
  const noted: ReadonlyMap<string, string>[] = [];
  const { agents, absences, inventory } = world;
  const now = () => NOW;
  const ports: PrunePorts = {
    inventory,
    clock: { ...world.clock, now },
    agents: {
      ...agents,
      get: async (id) => {
        read.push(id);
        return agents.get(id);
      },
    },
    absences: {
      ...absences,
      set: async (on, times) => {
        noted.push(times);
        await absences.set(on, times);
      },
    },
  };
  if (there.some(({ name }) => name === "denied")) for (const { id } of there) world.deniedAgents.add(id);
  return { ports, read, noted };
}

const access = (parts: Partial<OwnAccess>): OwnAccess => ({ ...NO_ACCESS, ...parts });
const nothing = { kind: "confirmed", drops: NO_ACCESS, againInSeconds: undefined };
const again = { ...nothing, againInSeconds: 300 };

describe("an agent that the guard's statements name and that is not known on the key", () => {
  const given = access({ agents: [GONE.arn], memory: [GONE.arn] });

  test("is read, and its time begins, for its memory as for itself", async () => {
    const { ports, read, noted } = observed([]);
    expect(await pruneStale(facts({ given }), ports)).toEqual(again);
    expect(read).toEqual([GONE.id]);
    expect(noted).toEqual([
      new Map([
        [GONE.arn, NOW],
        [`memory:${GONE.arn}`, NOW],
      ]),
    ]);
  });

  test("is taken out when its time is five minutes, and not a moment sooner", async () => {
    for (const [since, outcome] of [
      [FIVE_MINUTES_AGO, { ...nothing, drops: given }],
      [LATER, again],
    ] as const) {
      const { ports, noted } = observed([], { [GONE.arn]: since, [`memory:${GONE.arn}`]: since });
      expect(await pruneStale(facts({ given }), ports)).toEqual(outcome);
      // Nothing is written where nothing changed.
      expect(noted).toEqual([]);
    }
  });

  test("is taken out by itself where only its own time has come", async () => {
    const { ports } = observed([], { [GONE.arn]: FIVE_MINUTES_AGO, [`memory:${GONE.arn}`]: NOW });
    expect(await pruneStale(facts({ given }), ports)).toEqual({ ...again, drops: access({ agents: [GONE.arn] }) });
  });

  test("is not taken for gone where it may not be read: neither its time begins, nor is it taken out", async () => {
    const denied = { ...GONE, name: "denied" };
    for (const absent of [{}, { [GONE.arn]: LONG_AGO }] as const) {
      const { ports, noted } = observed([denied], absent);
      expect(await pruneStale(facts({ given }), ports)).toEqual(nothing);
      expect(noted).toEqual([]);
    }
  });

  test("is gone from the key also where it exists, on another key", async () => {
    const { ports } = observed([{ ...GONE, keyArn: OTHER_KEY }], { [GONE.arn]: FIVE_MINUTES_AGO });
    const outcome = await pruneStale(facts({ given: access({ agents: [GONE.arn] }) }), ports);
    expect(outcome).toMatchObject({ drops: { agents: [GONE.arn] } });
  });

  test("starts the look over where it is on the key after all", async () => {
    const { ports, noted } = observed([GONE], { [GONE.arn]: LONG_AGO });
    expect(await pruneStale(facts({ given }), ports)).toEqual({ kind: "changed", seen: [GONE.id] });
    expect(noted).toEqual([]);
  });

  test("is not read again in the look that has read it", async () => {
    const { ports, read } = observed([], { [GONE.arn]: FIVE_MINUTES_AGO });
    const outcome = await pruneStale(facts({ given: access({ agents: [GONE.arn] }), live: new Set([GONE.id]) }), ports);
    expect(outcome).toMatchObject({ drops: { agents: [GONE.arn] } });
    expect(read).toEqual([]);
  });

  test("has to wait where twenty-five others were read before it: its time begins when it is read", async () => {
    const many = Array.from({ length: 27 }, (_, n) => numbered(n).arn);
    const absent = Object.fromEntries(many.slice(0, 26).map((arn) => [arn, FIVE_MINUTES_AGO]));
    const { ports, read, noted } = observed([], absent);
    const outcome = await pruneStale(facts({ given: access({ agents: many, memory: many.slice(26) }) }), ports);
    expect(read).toEqual(Array.from({ length: 25 }, (_, n) => numbered(n).id));
    // The one after them was confirmed before, and is not in this look: nothing is taken out unread.
    expect(outcome).toEqual({ ...again, drops: access({ agents: many.slice(0, 25) }) });
    expect(noted).toEqual([]);
  });
});

describe("what was noted of before", () => {
  test("is forgotten when it is needed again, also in a look that could not read everything", async () => {
    for (const blind of [false, true]) {
      const { ports, noted } = observed([], { [GONE.arn]: LONG_AGO });
      expect(
        await pruneStale(
          facts({ given: access({ agents: [A.arn] }), needed: access({ agents: [A.arn] }), blind }),
          ports,
        ),
      ).toEqual(nothing);
      expect(noted).toEqual([new Map()]);
    }
  });

  test("is not written again where there is nothing to forget", async () => {
    const { ports, noted } = observed([]);
    await pruneStale(facts({}), ports);
    expect(noted).toEqual([]);
  });

  test("is forgotten of one that is needed again, and begins of another one", async () => {
    for (const former of [
      new Map([[B.arn, LONG_AGO]]),
      new Map([
        [B.arn, LONG_AGO],
        [A.arn, LONG_AGO],
      ]),
    ]) {
      const { ports, noted } = observed([], Object.fromEntries(former));
      await pruneStale(facts({ given: access({ agents: [A.arn] }) }), ports);
      expect(noted).toEqual([new Map([[A.arn, former.get(A.arn) ?? NOW]])]);
    }
  });

  test("stays of one, while another one's time begins in the place of a third's", async () => {
    const { ports, noted } = observed([], { [A.arn]: LONG_AGO, [B.arn]: LONG_AGO });
    await pruneStale(facts({ given: access({ agents: [A.arn, GONE.arn] }) }), ports);
    expect(noted).toEqual([
      new Map([
        [A.arn, LONG_AGO],
        [GONE.arn, NOW],
      ]),
    ]);
  });

  test("is left as it is by a look that could not read everything, and nothing is read or taken out", async () => {
    const { ports, read, noted } = observed([], { [GONE.arn]: LONG_AGO });
    expect(await pruneStale(facts({ given: access({ agents: [GONE.arn, A.arn] }), blind: true }), ports)).toEqual(
      nothing,
    );
    expect([read, noted]).toEqual([[], []]);
  });
});

describe("a role, or the grants, that no agent of the key needs", () => {
  const given = access({ roles: [OTHER_ROLE], grants: true });
  const times = (since: string) => ({ [OTHER_ROLE]: since, grants: since });
  const swept = { given, agents: [seen(A), seen(B)], sweptSince: SWEPT };

  test("have their time begin, and nobody is read for them, in a look that no sweep asked for", async () => {
    const { ports, read, noted } = observed([A, B]);
    const outcome = await pruneStale(facts({ ...swept, sweptSince: undefined }), ports);
    // Nothing is waited for either: the next sweep comes by itself.
    expect(outcome).toEqual(nothing);
    expect(read).toEqual([]);
    expect(noted).toEqual([new Map(Object.entries(times(NOW)))]);
  });

  test("are taken out when a sweep that began after that has read all agents, and they were read once more", async () => {
    const { ports, read } = observed([A, B], times(LONG_AGO));
    expect(await pruneStale(facts(swept), ports)).toEqual({ ...nothing, drops: given });
    expect(read).toEqual([A.id, B.id]);
  });

  test("each by itself, too", async () => {
    for (const one of [access({ roles: [OTHER_ROLE] }), access({ grants: true })]) {
      const { ports, read } = observed([A], times(LONG_AGO));
      const outcome = await pruneStale(facts({ ...swept, agents: [seen(A)], given: one }), ports);
      expect(outcome).toEqual({ ...nothing, drops: one });
      expect(read).toEqual([A.id]);
    }
  });

  test("stay without a sweep, however long they were unneeded and whoever was read", async () => {
    const { ports } = observed([A, B], times(LONG_AGO));
    const live = new Set([A.id, B.id]);
    expect(await pruneStale(facts({ ...swept, sweptSince: undefined, live }), ports)).toEqual(nothing);
  });

  test("stay where the sweep began before they were found unneeded, or in that very moment", async () => {
    for (const since of [SWEPT, "2026-11-23T09:30:00.000Z"]) {
      const { ports } = observed([A, B], times(since));
      expect(await pruneStale(facts(swept), ports)).toEqual(nothing);
    }
  });

  test("stay while the guard's statements name an agent: it alone is waited for", async () => {
    const { ports, noted } = observed([A, B]);
    const outcome = await pruneStale(facts({ ...swept, given: { ...given, agents: [GONE.arn] } }), ports);
    expect(outcome).toEqual(again);
    expect(noted).toEqual([new Map([[GONE.arn, NOW], ...Object.entries(times(NOW))])]);
  });

  test("start the look over where an agent turns out to be other than it was known", async () => {
    for (const there of [[{ ...A, roleArn: OTHER_ROLE }, B], [{ ...A, keyArn: OTHER_KEY }, B], [B]]) {
      const { ports } = observed(there, times(LONG_AGO));
      expect(await pruneStale(facts(swept), ports)).toEqual({ kind: "changed", seen: [A.id, B.id] });
    }
  });

  test("of many agents those are read first that were not read for longest; the others must have been seen since", async () => {
    const many = Array.from({ length: 30 }, (_, n) => numbered(n));
    const at = (n: number) => `2026-11-23T09:00:${String(59 - n).padStart(2, "0")}.000Z`;
    const agents = many.map((one, n) => seen(one, at(n)));
    for (const [since, outcome] of [
      [LONG_AGO, { ...nothing, drops: access({ roles: [OTHER_ROLE] }) }],
      // The one that was seen last but four is not read in this look, and was not seen since.
      [at(4), nothing],
    ] as const) {
      const { ports, read } = observed(many, { [OTHER_ROLE]: since });
      const facted = facts({ given: access({ roles: [OTHER_ROLE] }), agents, sweptSince: "2026-11-23T09:30:00.000Z" });
      expect(await pruneStale(facted, ports)).toEqual(outcome);
      expect(read).toEqual(
        many
          .slice(5)
          .map(({ id }) => id)
          .reverse(),
      );
    }
  });

  test("are none of a look at what an agent still needs", async () => {
    const { ports, read } = observed([A], {});
    const needed = access({ roles: [ROLE], grants: true, agents: [A.arn] });
    expect(await pruneStale(facts({ ...swept, given: needed, needed }), ports)).toEqual(nothing);
    expect(read).toEqual([]);
  });

  test("are not what everybody is read for where only an agent is gone", async () => {
    const { ports, read } = observed([A, B]);
    await pruneStale(facts({ ...swept, given: access({ agents: [GONE.arn] }) }), ports);
    expect(read).toEqual([GONE.id]);
  });
});
