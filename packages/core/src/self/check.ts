/** The guard looks after itself: whether it hears of changes, and whether people hear of it. Once a sweep. */

import type { Finding } from "../finding/finding.ts";
import { finding } from "../finding/findings.ts";
import { type NotePorts, noteFindings } from "../finding/note.ts";
import type { Causes } from "../finding/record.ts";
import { plain } from "../finding/render.ts";
import type { Clock, Log } from "../ports.ts";
import type { Subscribers, Trails } from "./ports.ts";
import { judgeTrails, type TrailsVerdict } from "./trails.ts";

export interface SelfPorts extends NotePorts {
  readonly trails: Trails;
  readonly subscribers: Subscribers;
  readonly clock: Clock;
  readonly log: Log;
}

/** @returns whether everything could be looked at */
export async function checkSelf(causes: Causes, region: string, ports: SelfPorts): Promise<boolean> {
  const read = await ports.trails.read();
  const verdict: TrailsVerdict =
    read.kind === "read" ? judgeTrails(read.trails, region) : { kind: "unknown", reason: read.message };
  if (verdict.kind === "unknown") {
    ports.log.warn("whether CloudTrail tells of all changes is not known", { reason: plain(verdict.reason) });
  }
  const unconfirmed = await ports.subscribers.unconfirmed();
  const findings = [
    ...aboutTrails(verdict, region),
    ...unconfirmed.map((address) => unconfirmedEmail(address, region)),
  ];
  const isComplete = verdict.kind !== "unknown";
  const at = ports.clock.now();
  await noteFindings(
    { subject: "guard", at, causes, findings, names: new Map(), isComplete, mendedBy: "others" },
    ports,
  );
  return isComplete;
}

function aboutTrails(verdict: TrailsVerdict, region: string): readonly Finding[] {
  switch (verdict.kind) {
    case "complete":
    case "unknown":
      return [];
    case "not-logging":
      return [notLogging(verdict.stopped, region)];
    case "incomplete":
      return [incomplete(verdict, region)];
    default:
      return verdict satisfies never;
  }
}

const NOTHING_HEARD =
  "EventBridge gets these events from CloudTrail only. Until then a change is found by the next sweep at the earliest, and what " +
  "agents lack is given that much later.";

function notLogging(stopped: readonly string[], region: string): Finding {
  const [trail] = stopped;
  return finding({
    kind: "trail-not-logging",
    severity: "critical",
    agents: [],
    title: `the guard hears of no change: no trail of CloudTrail logs in ${region}`,
    detail: `${stopped.length === 0 ? "There is no trail that covers the Region." : `These trails cover the Region, and are stopped: ${stopped.map(plain).join(", ")}.`} ${NOTHING_HEARD}`,
    remedy: trail
      ? ["Start the trail again:", `aws cloudtrail start-logging --region ${region} --name ${trail}`]
      : [
          "Make a trail that records management events in this Region, or have your organization's do so:",
          "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail.html",
        ],
  });
}

function incomplete({ missing, trails }: Extract<TrailsVerdict, { kind: "incomplete" }>, region: string): Finding {
  const [trail = ""] = trails;
  const what = missing.join(", ");
  return finding({
    kind: "trail-incomplete",
    severity: "high",
    agents: [],
    about: missing,
    title: `the guard does not hear of all changes: no trail records what is written in ${what}`,
    detail: `These trails log in the Region, and leave that out: ${trails.map(plain).join(", ")}. ${NOTHING_HEARD}`,
    remedy: [
      "Look at what the trail records, and have it record management events that write, with none of these sources excluded:",
      `aws cloudtrail get-event-selectors --region ${region} --trail-name ${trail}`,
    ],
  });
}

function unconfirmedEmail(address: string, region: string): Finding {
  return finding({
    kind: "email-unconfirmed",
    severity: "medium",
    which: [address],
    agents: [],
    title: `nobody is told at an address: ${plain(address)} has not confirmed its subscription`,
    detail:
      "AWS sends it a mail when the guard is deployed; until somebody follows the link in it, alerts do not reach that address.",
    remedy: [
      "Follow the link in AWS's mail. Where it is lost, or older than three days, deploy without the address, and then with it again. What is subscribed:",
      `aws sns list-subscriptions --region ${region}`,
    ],
  });
}
