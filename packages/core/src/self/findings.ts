/** What the guard tells of itself. */
import type { Finding } from "../finding/finding.ts";
import { finding } from "../finding/findings.ts";
import { plain } from "../finding/render.ts";
import type { Trail } from "./ports.ts";
import type { TrailsVerdict } from "./trails.ts";

/** The kinds that the trails decide on. */
export const OF_TRAILS = ["trail-not-logging", "trail-incomplete"] as const;
/** The kinds that the topics' subscriptions decide on. */
export const OF_SUBSCRIBERS = ["email-unconfirmed"] as const;

const NOTHING_HEARD =
  "EventBridge gets these events from CloudTrail only. Until then a change is found by the next sweep at the earliest, and what " +
  "agents lack is given that much later.";

export function trailFindings(
  verdict: Exclude<TrailsVerdict, { kind: "unknown" }>,
  region: string,
): readonly Finding[] {
  switch (verdict.kind) {
    case "complete":
      return [];
    case "not-logging":
      return [notLogging(verdict.stopped, region)];
    case "incomplete":
      return [incomplete(verdict, region)];
    default:
      return verdict satisfies never;
  }
}

function notLogging(stopped: readonly Trail[], region: string): Finding {
  return finding({
    kind: "trail-not-logging",
    severity: "critical",
    agents: [],
    title: `the guard hears of no change: no trail of CloudTrail logs in ${region}`,
    detail: `${stopped.length === 0 ? "There is no trail that covers the Region." : `These trails cover the Region, and are stopped: ${names(stopped)}.`} ${NOTHING_HEARD}`,
    remedy: startOf(stopped, region),
  });
}

function startOf([trail]: readonly Trail[], region: string): readonly string[] {
  if (!trail) {
    return [
      "Make a trail that records management events in this Region, or have your organization's do so:",
      "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail.html",
    ];
  }
  // Only there, and only by who owns it.
  const home = trail.homeRegion ?? region;
  const whose = trail.organization ? "Have your organization's management account start its trail again:" : START;
  return [whose, `aws cloudtrail start-logging --region ${home} --name ${trail.arn}`];
}

const START = "Start the trail again:";

function incomplete({ missing, trails }: Extract<TrailsVerdict, { kind: "incomplete" }>, region: string): Finding {
  const what = missing.join(", ");
  return finding({
    kind: "trail-incomplete",
    severity: "high",
    agents: [],
    about: missing,
    title: `the guard does not hear of all changes: no trail records what is written in ${what}`,
    detail: `These trails log in the Region, and leave that out: ${names(trails)}. ${NOTHING_HEARD}`,
    remedy: [
      "Look at what the trail records, and have it record management events that write, with none of these sources excluded:",
      ...trails.slice(0, 1).map(({ arn, homeRegion: home = region }) => {
        return `aws cloudtrail get-event-selectors --region ${home} --trail-name ${arn}`;
      }),
    ],
  });
}

function names(trails: readonly Trail[]): string {
  return trails.map(({ arn }) => plain(arn)).join(", ");
}

export function unconfirmedEmail(address: string, region: string): Finding {
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
