/** Whether CloudTrail tells the guard of what it has to hear: judged from what the trails say of themselves. */
import type { FieldSelector, Selectors, Trail } from "./ports.ts";

/** Whose writes the guard hears of. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html */
export const SOURCES = ["kms.amazonaws.com", "bedrock.amazonaws.com", "iam.amazonaws.com"] as const;
export type Source = (typeof SOURCES)[number];
/** Where callers are not looked after, nothing of IAM is waited for. */
export const SOURCES_OF_KEYS: readonly Source[] = ["kms.amazonaws.com", "bedrock.amazonaws.com"];

export type TrailsVerdict =
  /** All that the guard has to hear is recorded. */
  | { readonly kind: "complete" }
  /** No trail logs here. */
  | { readonly kind: "not-logging"; readonly stopped: readonly Trail[] }
  /** `missing`: sources whose writes no trail records. */
  | { readonly kind: "incomplete"; readonly missing: readonly Source[]; readonly trails: readonly Trail[] }
  /** It may be complete: what decides can't be read from here. */
  | { readonly kind: "unknown"; readonly reason: string };

type Answer = "yes" | "no" | "unknown";

/** @param region - the guard's */
export function judgeTrails(
  trails: readonly Trail[],
  region: string,
  sources: readonly Source[] = SOURCES,
): TrailsVerdict {
  const here = trails.filter(({ homeRegion, multiRegion }) => multiRegion || homeRegion === region);
  const running = here.filter(({ logging }) => logging !== "no");
  if (running.length === 0) return { kind: "not-logging", stopped: here };
  const answers = sources.map((source) => [source, recorded(running, source, region)] as const);
  const missing = answers.flatMap(([source, answer]) => (answer === "no" ? [source] : []));
  if (missing.length > 0) return { kind: "incomplete", missing, trails: running };
  if (answers.every(([, answer]) => answer === "yes")) return { kind: "complete" };
  return { kind: "unknown", reason: whyUnknown(running) };
}

function recorded(running: readonly Trail[], source: Source, region: string): Answer {
  const answer = any(running.map((trail) => records(trail, source)));
  // From here, a trail of that Region alone is not seen.
  const mayBeElsewhere = source === "iam.amazonaws.com" && region !== iamHome(region);
  return answer === "no" && mayBeElsewhere ? "unknown" : answer;
}

function records(trail: Trail, source: Source): Answer {
  const { homeRegion = "", multiRegion, logging, selectors } = trail;
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail-by-using-the-aws-cli-update-trail.html
  const reaches = source !== "iam.amazonaws.com" || multiRegion || homeRegion === iamHome(homeRegion);
  return all([reaches ? "yes" : "no", logging, selects(selectors, source)]);
}

/** The Region in which IAM's events arise: one in each partition. */
function iamHome(region: string): string {
  if (region.startsWith("cn-")) return "cn-north-1";
  return region.startsWith("us-gov-") ? "us-gov-west-1" : "us-east-1";
}

function whyUnknown(running: readonly Trail[]): string {
  const unread = running.flatMap(({ arn, logging, selectors }) => {
    if (selectors.kind === "unknown") return [`${arn}: ${selectors.reason}`];
    return logging === "unknown" ? [`${arn}: whether it logs can't be read`] : [];
  });
  if (unread.length > 0) return unread.join("; ");
  return running.some(({ multiRegion }) => multiRegion)
    ? "a trail selects events by what the guard does not know"
    : "the trails are of this Region alone: whether one of IAM's own Region records its events is not seen from here";
}

/** Whether management events that write are selected, of this source. */
function selects(selectors: Selectors, source: Source): Answer {
  switch (selectors.kind) {
    case "basic":
      return any(
        selectors.selectors.map(({ readWriteType, includeManagementEvents, excludedSources }) =>
          includeManagementEvents && readWriteType !== "ReadOnly" && !excludedSources.includes(source) ? "yes" : "no",
        ),
      );
    case "advanced":
      return any(selectors.selectors.map((fields) => selectsBy(fields, source)));
    case "unknown":
      return "unknown";
    default:
      return selectors satisfies never;
  }
}

/** All fields of an advanced selector have to fit. A field that is not known here may keep an event out. */
function selectsBy(fields: readonly FieldSelector[], source: Source): Answer {
  if (!fields.some(({ field }) => field === "eventCategory")) return "no";
  return all(
    fields.map((one): Answer => {
      switch (one.field) {
        case "eventCategory":
          return fits(one, "Management");
        case "readOnly":
          return fits(one, "false");
        case "eventSource":
          return fits(one, source);
        default:
          return "unknown";
      }
    }),
  );
}

function fits({ equals, notEquals, otherwise }: FieldSelector, value: string): Answer {
  if (notEquals.includes(value) || (equals.length > 0 && !equals.includes(value))) return "no";
  return otherwise ? "unknown" : "yes";
}

function any(answers: readonly Answer[]): Answer {
  if (answers.includes("yes")) return "yes";
  return answers.includes("unknown") ? "unknown" : "no";
}

function all(answers: readonly Answer[]): Answer {
  if (answers.includes("no")) return "no";
  return answers.includes("unknown") ? "unknown" : "yes";
}
