/** A month of an account where nothing special happens: what people get. */
import { expect, test } from "vitest";
import { WAITS_MS } from "../../../packages/core/src/alert/pace.ts";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Cause, KeyJob } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { Random } from "../../chaos/random.ts";
import { ANNOUNCE_SETTINGS } from "../support/announcer.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, key, SETTINGS, World } from "../support/world.ts";

const KEYS = 10;
const HOUR = 3_600_000;
const WEEKS = 4;
const HOURS = WEEKS * 7 * 24;

function keyNumber(n: number): KeyArn {
  return KEY.replace("11111111-", `${String(n).padStart(8, "0")}-`) as KeyArn;
}

/**
 * Ten keys with an agent each. Once a week Terraform puts its own policy on two of them, which takes the guard's statements
 * away; on some days somebody disables a key and enables it again hours later; once a week a new agent comes; each
 * six hours a sweep looks at all keys.
 */
async function month(seed: number): Promise<World> {
  const random = new Random(seed);
  const world = new World();
  world.people.isPrompt = false;
  world.people.settings = { ...ANNOUNCE_SETTINGS, waits: WAITS_MS };
  let events = 0;
  const event = (eventName: string, name: string): Cause => ({
    kind: "event",
    id: `event-${++events}`,
    eventName,
    actor: { arn: `arn:aws:iam::111122223333:role/${name}`, sessionName: "x", invokedBy: undefined },
    at: world.clock.now(),
  });
  const look = (changes: Partial<KeyJob>) => reconcileKey(jobFor(changes), world, SETTINGS);
  const tell = async (daily = false) => {
    if (world.people.wakes.splice(0).length > 0 || daily) await world.people.run(daily);
  };
  for (let n = 0; n < KEYS; n++) {
    const arn = keyNumber(n);
    world.policies.set(arn, DEFAULT_POLICY);
    world.kmsKeys.set(arn, key({ arn }));
    world.put(agent(`AG${String(n).padStart(8, "0")}`, { keyArn: arn, name: `bot-${n}` }));
  }
  let disabled: { readonly n: number; readonly until: number } | undefined;
  for (let hour = 0; hour < HOURS; hour++) {
    const day = Math.floor(hour / 24);
    if (hour % (7 * 24) === 30) {
      for (const n of [0, 1]) {
        world.policies.set(keyNumber(n), DEFAULT_POLICY);
        await look({ key: keyNumber(n), causes: [event("PutKeyPolicy", "terraform")] });
      }
    }
    if (hour % (7 * 24) === 60) {
      const arn = keyNumber(random.between(2, KEYS - 1));
      const id = `NEW${String(day).padStart(7, "0")}`;
      world.put(agent(id, { keyArn: arn, name: `new-${day}` }));
      await look({ key: arn, agents: [id as KeyJob["agents"][number]], causes: [event("CreateAgent", "developer")] });
    }
    if (!disabled && hour % 24 === 10 && random.between(0, 2) === 0) {
      disabled = { n: random.between(2, KEYS - 1), until: hour + random.between(1, 8) };
      world.kmsKeys.set(keyNumber(disabled.n), key({ arn: keyNumber(disabled.n), state: "Disabled" }));
      await look({ key: keyNumber(disabled.n), causes: [event("DisableKey", "developer")] });
    }
    if (disabled?.until === hour) {
      world.kmsKeys.set(keyNumber(disabled.n), key({ arn: keyNumber(disabled.n) }));
      await look({ key: keyNumber(disabled.n), causes: [event("EnableKey", "developer")] });
      disabled = undefined;
    }
    if (hour % 6 === 0) {
      const cause = { kind: "sweep", id: `sweep-${hour}`, at: world.clock.now(), whole: true } as const;
      for (let n = 0; n < KEYS; n++) await look({ key: keyNumber(n), causes: [cause] });
    }
    await tell(hour % 24 === 7);
    world.pass(HOUR);
    await tell();
  }
  return world;
}

test.for([1, 2, 3])("a month of ordinary life (seed %i) is few messages, none of them twice", async (seed) => {
  const { people } = await month(seed);
  const atOnce = people.published.filter(({ kind }) => kind !== "digest" && kind !== "reminder");
  const perSpell = new Map<string, number>();
  for (const { findings } of atOnce) {
    for (const { refs, since } of findings) {
      for (const ref of refs) perSpell.set(`${ref} ${since}`, (perSpell.get(`${ref} ${since}`) ?? 0) + 1);
    }
  }
  expect(Math.max(...perSpell.values())).toBeLessThanOrEqual(3);
  expect(new Set(people.published.map(({ id }) => id)).size).toBe(people.published.length);
  // One digest a day at the most, and none where there is nothing new to read.
  const digests = people.published.filter(({ kind }) => kind === "digest");
  expect(digests.length).toBeLessThan(WEEKS * 7);
  expect(atOnce.length / WEEKS).toBeLessThan(15);
  // Terraform, which undoes the same each week, is told of as what it is, with the text to put into its files.
  const recurring = atOnce.flatMap(({ findings }) => findings.filter(({ change }) => change === "recurring"));
  expect(recurring.length).toBeGreaterThan(0);
  expect(recurring.length).toBeLessThanOrEqual(2);
  expect([...people.records.values()].every(({ news }) => news.length === 0)).toBe(true);
});
