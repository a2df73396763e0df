/** What the guard finds of itself, once a sweep. */
import type { FindingKind } from "../../../packages/core/src/finding/finding.ts";
import { checkSelf } from "../../../packages/core/src/self/check.ts";
import type { Trail, TrailsReading } from "../../../packages/core/src/self/ports.ts";
import { MemoryAnnouncer } from "../support/announcer.ts";
import { World } from "../support/world.ts";
import { lastOf, type Sample } from "./sample.ts";

const TRAIL: Trail = {
  arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events",
  homeRegion: "eu-west-1",
  multiRegion: true,
  organization: false,
  logging: "yes",
  selectors: {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: ["kms.amazonaws.com"] }],
  },
};

const COMPLETE: Trail = {
  ...TRAIL,
  selectors: {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: [] }],
  },
};

export async function ofItself(): Promise<readonly Sample[]> {
  const look = async (name: FindingKind, trails: TrailsReading, unconfirmed: readonly string[]): Promise<Sample> => {
    const people = new MemoryAnnouncer(new World().clock);
    const ports = {
      ...people,
      trails: { read: async () => trails },
      subscribers: { unconfirmed: async () => unconfirmed },
    };
    const at = "2026-11-23T06:00:00.000Z";
    await checkSelf([{ kind: "sweep", id: "sweep-1", at, whole: true }], "eu-west-1", ports);
    return { name, ...lastOf(people, name) };
  };
  const trails = (...all: readonly Trail[]) => ({ kind: "read", trails: all }) as const;
  return [
    await look("trail-not-logging", trails({ ...TRAIL, logging: "no" }), []),
    await look("trail-incomplete", trails(TRAIL), []),
    await look("email-unconfirmed", trails(COMPLETE), ["security@example.com"]),
  ];
}
