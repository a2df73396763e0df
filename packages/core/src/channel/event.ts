/**
 * The guard's own events on EventBridge, for those who build on them: one for each thing that becomes of a finding. What is in
 * version 1 stays; members may come.
 */
import type { FindingEvent } from "../alert/ports.ts";
import { actorOf } from "../finding/life.ts";

export const EVENT_SOURCE = "bedrock-key-guard";
export const EVENT_VERSION = "1";

export interface BusEvent {
  readonly source: typeof EVENT_SOURCE;
  /** By it rules tell apart what they want. */
  readonly detailType: string;
  /** ISO 8601. */
  readonly time: string;
  /** ARNs. */
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

const DETAIL_TYPES = {
  opened: "Finding Opened",
  reopened: "Finding Opened",
  worsened: "Finding Worsened",
  resolved: "Finding Resolved",
  happened: "Policy Changed",
  recurring: "Policy Changed",
  stands: "Finding Opened",
} as const;

/**
 * Bytes. EventBridge takes 256 KB a call, of ten entries: each keeps to a tenth. What is left out is in the alert and the journal.
 */
const SIZES = { title: 600, detail: 4_000, diff: 8_000, remedy: 6_000 } as const;
const MOST_AGENTS = 100;

export function busEventOf({ id, at, finding, causes, account, region, mode }: FindingEvent): BusEvent {
  const { change, kind, severity, key, caller, agents, title, detail, since, resolved, times, diff, remedy, refs } =
    finding;
  const isNotice = kind === "update-overwritten" || kind === "own-write-unexplained";
  return {
    source: EVENT_SOURCE,
    detailType: isNotice ? "Finding Opened" : DETAIL_TYPES[change],
    time: at,
    resources: [key, caller].filter((arn) => arn !== undefined),
    detail: {
      version: EVENT_VERSION,
      // Of the same change, should it come twice.
      id,
      finding: refs[0],
      change,
      kind,
      severity,
      account,
      region,
      mode,
      ...(key ? { key } : {}),
      ...(caller ? { caller } : {}),
      agents: agents.slice(0, MOST_AGENTS),
      title: cut(title, SIZES.title),
      detail: cut(detail, SIZES.detail),
      since,
      ...(resolved ? { resolved } : {}),
      times,
      ...actorIn(causes),
      ...(diff.length > 0 ? { diff: listWithin(diff, SIZES.diff) } : {}),
      remedy: listWithin(remedy, SIZES.remedy),
    },
  };
}

function actorIn(causes: FindingEvent["causes"]) {
  const actor = actorOf(causes);
  if (!actor) return {};
  const { arn, sessionName, invokedBy } = actor;
  const most = SIZES.title;
  return {
    actor: {
      arn: cut(arn, most),
      ...(sessionName === undefined ? {} : { sessionName: cut(sessionName, most) }),
      ...(invokedBy === undefined ? {} : { invokedBy: cut(invokedBy, most) }),
    },
  };
}

/** The first ones, as far as they fit; where some do not, the last one says so. */
function listWithin(texts: readonly string[], bytes: number): readonly string[] {
  let room = bytes;
  const fitting = texts.findIndex((text) => {
    room -= sizeOf(text);
    return room < 0;
  });
  return fitting === -1 ? texts : [...texts.slice(0, fitting), `(${texts.length - fitting} more: not in this event)`];
}

function cut(text: string, bytes: number): string {
  if (sizeOf(text) <= bytes) return text;
  let kept = "";
  let room = bytes - 10;
  for (const character of text) {
    room -= sizeOf(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept} …`;
}

/** As JSON, without its quotes. */
function sizeOf(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length - 2;
}
