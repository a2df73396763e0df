/** Many findings at once are few alerts, and none of them is left out. */
import { describe, expect, test } from "vitest";
import { WAITS_MS } from "../../../packages/core/src/alert/pace.ts";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Cause } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { ANNOUNCE_SETTINGS } from "../support/announcer.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, key, SETTINGS, World } from "../support/world.ts";

const EVENTS = 500;
const SECOND = 1_000;

function keyNumber(n: number): KeyArn {
  return KEY.replace("11111111-", `${String(n).padStart(8, "0")}-`) as KeyArn;
}

function byCi(n: number, actor = "ci"): Cause {
  return {
    kind: "event",
    id: `event-${n}`,
    eventName: "DisableKey",
    actor: { arn: `arn:aws:iam::111122223333:role/${actor}`, sessionName: "run", invokedBy: undefined },
    at: "2026-11-23T10:00:00.000Z",
  };
}

/** Each event is of one key, half a second after the one before; the announcer runs as it is woken. */
async function storm(actorOf: (n: number) => string): Promise<World> {
  const world = new World();
  world.people.isPrompt = false;
  world.people.settings = { ...ANNOUNCE_SETTINGS, waits: WAITS_MS };
  const due: number[] = [];
  const work = async () => {
    const now = Date.parse(world.clock.now());
    due.push(...world.people.wakes.splice(0).map(({ seconds }) => now + seconds * SECOND));
    const isDue = due.some((at) => at <= now);
    if (!isDue) return;
    due.splice(0, due.length, ...due.filter((at) => at > now));
    await world.people.run();
    due.push(...world.people.wakes.splice(0).map(({ seconds }) => now + seconds * SECOND));
  };
  for (let n = 0; n < EVENTS; n++) {
    const arn = keyNumber(n);
    world.policies.set(arn, DEFAULT_POLICY);
    world.kmsKeys.set(arn, key({ arn, state: "Disabled" }));
    world.put(agent(`AG${String(n).padStart(8, "0")}`, { keyArn: arn, name: `bot-${n}` }));
    await reconcileKey(jobFor({ key: arn, causes: [byCi(n, actorOf(n))] }), world, SETTINGS);
    world.pass(SECOND / 2);
    await work();
  }
  for (let minute = 0; minute < 60; minute++) {
    world.pass(60 * SECOND);
    await work();
  }
  return world;
}

describe(`a storm of ${EVENTS} events`, () => {
  test("from one actor is at most three messages, and each finding is in exactly one of them", async () => {
    const { people } = await storm(() => "ci");
    expect(people.published.length).toBeLessThanOrEqual(3);
    const refs = people.published.flatMap(({ findings }) => findings.flatMap((one) => one.refs));
    expect(new Set(refs).size).toBe(refs.length);
    // What has no room in a list is in the `findings` command, which the alert gives.
    const listed = people.published.reduce((sum, { findings }) => sum + findings.length, 0);
    expect(listed).toBeGreaterThan(100);
    expect(people.published.every(({ nextSteps }) => nextSteps.includes("list-findings") || nextSteps.length > 0)).toBe(
      true,
    );
    expect([...people.records.values()].every(({ news, told }) => news.length === 0 && told.at.length === 1)).toBe(
      true,
    );
    expect(people.records.size).toBe(EVENTS);
  });

  test("from two actors is at most three messages for each, and what one does does not hold up the other", async () => {
    const { people } = await storm((n) => (n === 250 ? "quiet" : "ci"));
    const quiet = people.published.filter(({ causes }) => causes.some(({ id }) => id === "event-250"));
    expect(quiet).toHaveLength(1);
    expect(quiet[0]?.findings).toHaveLength(1);
    expect(people.published.length).toBeLessThanOrEqual(4);
  });
});
