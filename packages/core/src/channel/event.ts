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

/** EventBridge takes 256 KB an entry at the least; what is long is in the alert and the journal. */
const LONGEST = 8_000;
const MOST = 100;

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
      agents: agents.slice(0, MOST),
      title: cut(title),
      detail: cut(detail),
      since,
      ...(resolved ? { resolved } : {}),
      times,
      ...actorIn(causes),
      ...(diff.length > 0 ? { diff: diff.slice(0, MOST).map(cut) } : {}),
      remedy: remedy.slice(0, 20).map(cut),
    },
  };
}

function actorIn(causes: FindingEvent["causes"]) {
  const actor = actorOf(causes);
  return actor ? { actor: { arn: actor.arn, sessionName: actor.sessionName, invokedBy: actor.invokedBy } } : {};
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} …`;
}
