/**
 * Telling that breaks off at any of its calls, and is begun again as the queue does: every alert reaches every channel, and
 * none twice, but where nobody can know and it is grave.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import { announce } from "../../../packages/core/src/alert/announce.ts";
import type { Channel } from "../../../packages/core/src/channel/channel.ts";
import { isWorse } from "../../../packages/core/src/finding/finding.ts";
import { A, BOB, DAY, MINUTE } from "../finding/records.ts";
import { runs } from "../laws/runs.ts";
import { type Call, recorded } from "../support/recorded.ts";
import { TellingWorld } from "./world.ts";

const CAROL = "arn:aws:iam::111122223333:role/team/carol";
/** SQS drops what it was given within five minutes. */
const DEDUPLICATES_MS = 5 * MINUTE;

class Inbox implements Channel {
  readonly name: string;
  readonly deduplicates: boolean;
  readonly got: { readonly alert: Alert; readonly ms: number }[] = [];
  readonly #world: TellingWorld;

  constructor(name: string, deduplicates: boolean, world: TellingWorld) {
    this.name = name;
    this.deduplicates = deduplicates;
    this.#world = world;
  }

  async deliver(alert: Alert): Promise<void> {
    const { ms } = this.#world;
    const isKnown = this.got.some((one) => one.alert.id === alert.id && ms - one.ms < DEDUPLICATES_MS);
    if (!this.deduplicates || !isKnown) this.got.push({ alert, ms });
  }
}

/** Four alerts are due, in two channels: a grave problem, a slight one with a repair, a reminder and a digest. */
async function busyWorld() {
  const it = new TellingWorld().pass(DAY);
  await it.look([{ kind: "key-unusable", severity: "critical" }]);
  await it.repair();
  await it.tell(true);
  it.pass(DAY);
  await it.look([{ kind: "key-unusable", severity: "critical" }, { severity: "high" }], {}, BOB);
  await it.repair();
  await it.look([{ kind: "email-unconfirmed", severity: "medium", agents: [A] }], { subject: "guard" }, CAROL);
  it.people.published.length = 0;
  it.people.emitted.length = 0;
  const inboxes = [new Inbox("hub", false, it), new Inbox("slack", true, it)] as const;
  it.people.channels = inboxes;
  return { it, inboxes, records: [...it.people.records.values()] };
}

type Busy = Awaited<ReturnType<typeof busyWorld>>;

interface Crash {
  /** The number of the call. */
  readonly at: number;
  /** `before`: the call never arrived. `after`: it did, and its answer was lost. */
  readonly when: "before" | "after";
}

/** Runs until it ends or crashes: from then on, no call arrives any more, not even the one that lets others begin. */
async function runWith({ it }: Busy, { at, when }: Crash): Promise<number> {
  const calls: Call[] = [];
  const hinder = (call: Call, index: number, go: () => Promise<unknown>): Promise<unknown> | undefined => {
    if (index < at) return undefined;
    if (index > at || when === "before") throw new Error(`crash before ${call.name}`);
    return go().then(() => {
      throw new Error(`crash after ${call.name}`);
    });
  };
  const channels = it.people.channels.map((channel) => ({
    ...channel,
    name: channel.name,
    deduplicates: channel.deduplicates,
    deliver: async (alert: Alert) => {
      const call = { name: `${channel.name}.deliver`, args: [alert] };
      calls.push(call);
      const go = () => channel.deliver(alert);
      return (hinder(call, calls.length - 1, go) ?? go()) as Promise<void>;
    },
  }));
  const ports = recorded(it.people, calls, (call, index) =>
    hinder(call, index, () => {
      const [port = "", method = ""] = call.name.split(".");
      const of: object = Reflect.get(it.people, port);
      return Promise.resolve(Reflect.get(of, method).apply(of, call.args));
    }),
  );
  const end = await announce({ daily: true }, { ...ports, channels }, it.people.settings).then(
    () => "done",
    () => "broken off",
  );
  expect(end).toBe(at < calls.length ? "broken off" : "done");
  return calls.length;
}

const NEVER: Crash = { at: 100_000, when: "before" };
const ids = (alerts: readonly { readonly alert: Alert }[]) => alerts.map(({ alert }) => alert.id);

async function expected(): Promise<readonly string[]> {
  const busy = await busyWorld();
  await runWith(busy, NEVER);
  return ids(busy.inboxes[0].got);
}

/** @param later - milliseconds from the crash to the next run */
function expectGoodEnd({ it, inboxes, records }: Busy, all: readonly string[], later: number): void {
  const { people } = it;
  expect([...people.dispatches.keys()]).toEqual([]);
  for (const { news, emitted, sequence } of people.records.values()) {
    expect(news).toEqual([]);
    expect(emitted).toBe(sequence);
  }
  const events = new Set(people.emitted.map(({ id }) => id));
  expect(events).toEqual(new Set(records.flatMap(({ ref, news }) => news.map(({ sequence }) => `${ref}-${sequence}`))));
  for (const { name, deduplicates, got } of inboxes) {
    const isKnown = deduplicates && later < DEDUPLICATES_MS - MINUTE;
    const doubtful = people.memory.doubtful.filter((text) => text.startsWith(`${name}: `));
    const missing = all.filter((id) => !ids(got).includes(id));
    if (missing.length > doubtful.length)
      throw new Error(
        JSON.stringify(
          {
            missing,
            doubtful,
            got: got.map(({ alert, ms }) => [alert.id, alert.kind, ms, alert.perhapsAgain, alert.subject]),
            all,
          },
          null,
          1,
        ),
      );
    expect(doubtful.length).toBeLessThanOrEqual(isKnown ? 0 : 1);
    expect([...new Set(ids(got))]).toEqual(all.filter((id) => !missing.includes(id)));
    for (const id of all) {
      const [, ...again] = got.filter(({ alert }) => alert.id === id);
      for (const { alert } of again) {
        expect(isKnown).toBe(false);
        expect(alert.perhapsAgain).toBe(true);
        expect(isWorse(alert.severity, "medium")).toBe(true);
      }
    }
  }
}

describe("after a crash, the next run tells all", () => {
  const CALLS = 120;
  /** Just when the right to announce is free again, and when no channel knows any more what it was given. */
  const PAUSES = [3 * MINUTE, 10 * MINUTE];

  test("and without a crash, so does the first", async () => {
    const all = await expected();
    const busy = await busyWorld();
    const calls = await runWith(busy, NEVER);
    expect(busy.inboxes[0].got.map(({ alert }) => alert.kind)).toEqual(["problem", "problem", "reminder", "digest"]);
    expectGoodEnd(busy, all, 0);
    expect(busy.it.people.memory.doubtful).toEqual([]);
    expect(calls).toBeGreaterThan(40);
    expect(calls).toBeLessThan(CALLS);
  });

  test.each(["before", "after"] as const)("%s any one of the calls", async (when) => {
    const all = await expected();
    for (const pause of PAUSES) {
      for (let at = 0; at <= CALLS; at++) {
        const busy = await busyWorld();
        const calls = await runWith(busy, { at, when });
        if (calls <= at) break;
        busy.it.pass(pause);
        await runWith(busy, NEVER);
        expectGoodEnd(busy, all, pause);
        expect(at).toBeLessThan(CALLS);
      }
    }
  });

  test("where another message than the day's is the first to be worked on again", async () => {
    const all = await expected();
    for (let at = 0; at <= CALLS; at++) {
      const busy = await busyWorld();
      if ((await runWith(busy, { at, when: "after" })) <= at) break;
      await busy.it.pass(3 * MINUTE).people.run(false);
      await runWith(busy, NEVER);
      expectGoodEnd(busy, all, 3 * MINUTE);
    }
  });

  test("at several calls, one crash after another: nothing is lost, and nothing slight told twice", async () => {
    const crash: fc.Arbitrary<Crash> = fc.record({ at: fc.nat(CALLS - 1), when: fc.constantFrom("before", "after") });
    const all = await expected();
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { minLength: 2, maxLength: 4 }), async (crashes) => {
        const busy = await busyWorld();
        for (const one of crashes) {
          await runWith(busy, one);
          busy.it.pass(3 * MINUTE);
        }
        await runWith(busy, NEVER);
        const { it, inboxes } = busy;
        expect(it.people.dispatches.size).toBe(0);
        for (const { name, got } of inboxes) {
          const doubtful = new Set(it.people.memory.doubtful.filter((text) => text.startsWith(`${name}: `)));
          const missing = all.filter((id) => !ids(got).includes(id));
          expect(missing.length).toBeLessThanOrEqual(doubtful.size);
          for (const { alert } of got.filter(({ alert: { id } }, i) => ids(got).indexOf(id) < i)) {
            expect(alert.perhapsAgain).toBe(true);
          }
        }
      }),
      runs(150),
    );
  });
});
