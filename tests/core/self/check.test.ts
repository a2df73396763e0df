/** What becomes of the guard's findings about itself, sweep by sweep. */
import { expect, test } from "vitest";
import { checkSelf } from "../../../packages/core/src/self/check.ts";
import type { Trail, TrailsReading } from "../../../packages/core/src/self/ports.ts";
import { MemoryAnnouncer } from "../support/announcer.ts";
import { World } from "../support/world.ts";

const REGION = "eu-west-1";
const TRAIL: Trail = {
  arn: "arn:aws:cloudtrail:us-east-1:111122223333:trail/all",
  homeRegion: "us-east-1",
  multiRegion: true,
  organization: false,
  logging: "yes",
  selectors: {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: [] }],
  },
};
const WITHOUT_KMS: Trail = {
  ...TRAIL,
  selectors: {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: ["kms.amazonaws.com"] }],
  },
};
const UNREADABLE: Trail = {
  ...TRAIL,
  organization: true,
  selectors: { kind: "unknown", reason: "AccountID in ARN is wrong" },
};

/** A guard that looks at itself again and again, at what the test sets. */
function guard() {
  const world = new World();
  const people = new MemoryAnnouncer(world.clock);
  const logged: string[] = [];
  const log = { info: () => {}, warn: (message: string) => void logged.push(message) };
  const set: { trails: TrailsReading | Error; unconfirmed: readonly string[] | Error } = {
    trails: { kind: "read", trails: [TRAIL] },
    unconfirmed: [],
  };
  const given = <T>(value: T | Error): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  const ports = {
    findings: people.findings,
    alertQueue: people.alertQueue,
    clock: world.clock,
    log,
    trails: { read: () => given(set.trails) },
    subscribers: { unconfirmed: () => given(set.unconfirmed) },
  };
  let sweeps = 0;
  return {
    people,
    logged,
    set,
    look: (trails?: readonly Trail[]) => {
      if (trails) set.trails = { kind: "read", trails };
      sweeps += 1;
      world.pass(6 * 3_600_000);
      const cause = { kind: "sweep", id: `sweep-${sweeps}`, at: world.clock.now(), whole: true } as const;
      return checkSelf([cause], REGION, ports);
    },
    open: () => [...people.records.values()].filter(({ state }) => state === "open").map(({ kind }) => kind),
    told: () =>
      people.published.flatMap(({ findings }) =>
        findings.map(({ kind, change, severity }) => `${kind} ${change} ${severity}`),
      ),
  };
}

test("where all is well, nothing is told, and everything was looked at", async () => {
  const { look, told, open } = guard();
  expect(await look()).toEqual({ couldLook: true, trailsAreKnown: true });
  expect([told(), open()]).toEqual([[], []]);
});

test("a trail that stops is told at once, once, and that it logs again too", async () => {
  const { look, told, people } = guard();
  const stopped = [{ ...TRAIL, logging: "no" }] as const;
  await look(stopped);
  await look(stopped);
  await look([TRAIL]);
  expect(told()).toEqual(["trail-not-logging opened critical", "trail-not-logging resolved critical"]);
  expect(people.published[0]?.text).toContain(
    "aws cloudtrail start-logging --region us-east-1 --name arn:aws:cloudtrail:us-east-1:111122223333:trail/all",
  );
});

test("an organization's trail is started by its owner: the alert says whom to ask", async () => {
  const { look, people } = guard();
  await look([{ ...UNREADABLE, logging: "no" }]);
  expect(people.published[0]?.text).toContain("Have your organization's management account start its trail again");
});

test("a trail that leaves KMS out is told with the command that shows it, where the trail is at home", async () => {
  const { look, told, people } = guard();
  await look([WITHOUT_KMS]);
  expect(told()).toEqual(["trail-incomplete opened high"]);
  expect(people.published[0]?.text).toContain("no trail records what is written in kms.amazonaws.com");
  expect(people.published[0]?.text).toContain(`get-event-selectors --region us-east-1 --trail-name ${TRAIL.arn}`);
});

test("what it leaves out later makes it worse", async () => {
  const { look, told } = guard();
  await look([WITHOUT_KMS]);
  await look([{ ...TRAIL, selectors: { kind: "basic", selectors: [] } }]);
  expect(told()).toEqual(["trail-incomplete opened high", "trail-incomplete worsened high"]);
});

test("an organization's trail that can't be read is no alarm: nothing is told, and it counts as looked at", async () => {
  const { look, told, logged } = guard();
  expect(await look([UNREADABLE])).toEqual({ couldLook: true, trailsAreKnown: false });
  expect(told()).toEqual([]);
  expect(logged).toEqual(["whether CloudTrail tells of all changes is not known"]);
});

test("what is not known any more is not over", async () => {
  const { look, open, told } = guard();
  await look([WITHOUT_KMS]);
  await look([UNREADABLE]);
  expect(open()).toEqual(["trail-incomplete"]);
  await look([TRAIL]);
  expect(told()).toEqual(["trail-incomplete opened high", "trail-incomplete resolved high"]);
});

test("an address that has not confirmed is told, and is over when it has, whatever is known of the trails", async () => {
  const { look, set, told } = guard();
  set.unconfirmed = ["a@example.com", "b@example.com"];
  await look([UNREADABLE]);
  set.unconfirmed = ["b@example.com"];
  await look([UNREADABLE]);
  expect(told()).toEqual([
    "email-unconfirmed opened medium",
    "email-unconfirmed opened medium",
    "email-unconfirmed resolved medium",
  ]);
});

test("a part that can't be looked at is said, keeps its findings, and keeps no other part from being looked at", async () => {
  const { look, set, open, logged } = guard();
  set.unconfirmed = ["a@example.com"];
  await look([WITHOUT_KMS]);
  expect(open().sort()).toEqual(["email-unconfirmed", "trail-incomplete"]);
  set.trails = new Error("no answer");
  set.unconfirmed = [];
  expect(await look()).toEqual({ couldLook: false, trailsAreKnown: false });
  expect(open()).toEqual(["trail-incomplete"]);
  set.unconfirmed = new Error("throttled");
  expect(await look([TRAIL])).toEqual({ couldLook: false, trailsAreKnown: true });
  expect(open()).toEqual([]);
  expect(logged).toEqual(["the guard could not look at itself", "the guard could not look at itself"]);
});

test("a role that may not list the trails has not looked", async () => {
  const { look, set, told } = guard();
  set.trails = { kind: "denied", message: "User: … is not authorized to perform: cloudtrail:DescribeTrails" };
  expect(await look()).toEqual({ couldLook: false, trailsAreKnown: false });
  expect(told()).toEqual([]);
});
