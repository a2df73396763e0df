/** Whether CloudTrail tells the guard of what it has to hear: judged from what the trails say of themselves. */
import type { FieldSelector, Selectors, Trail } from "./ports.ts";

/** Whose writes the guard hears of. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html */
export const SOURCES = ["kms.amazonaws.com", "bedrock.amazonaws.com", "iam.amazonaws.com"] as const;
export type Source = (typeof SOURCES)[number];

export type TrailsVerdict =
  /** All that the guard has to hear is recorded. */
  | { readonly kind: "complete" }
  /** No trail logs here. */
  | { readonly kind: "not-logging"; readonly stopped: readonly string[] }
  /** `missing`: sources whose writes no trail records. */
  | { readonly kind: "incomplete"; readonly missing: readonly Source[]; readonly trails: readonly string[] }
  /** It may be complete: what decides can't be read. */
  | { readonly kind: "unknown"; readonly reason: string };

type Answer = "yes" | "no" | "unknown";

/** @param region - the guard's */
export function judgeTrails(trails: readonly Trail[], region: string): TrailsVerdict {
  const here = trails.filter(({ homeRegion, multiRegion }) => multiRegion || homeRegion === region);
  const running = here.filter(({ logging }) => logging !== "no");
  if (running.length === 0) return { kind: "not-logging", stopped: here.map(({ arn }) => arn) };
  const answers = SOURCES.map((source) => [source, any(running.map((trail) => records(trail, source)))] as const);
  const missing = answers.flatMap(([source, answer]) => (answer === "no" ? [source] : []));
  if (missing.length > 0) return { kind: "incomplete", missing, trails: running.map(({ arn }) => arn) };
  if (answers.every(([, answer]) => answer === "yes")) return { kind: "complete" };
  const unread = running.flatMap(({ arn, logging, selectors }) => {
    if (selectors.kind === "unknown") return [`${arn}: ${selectors.reason}`];
    return logging === "unknown" ? [`${arn}: whether it logs can't be read`] : [];
  });
  return { kind: "unknown", reason: unread.join("; ") || "a trail selects events by what the guard does not know" };
}

function records({ logging, selectors }: Trail, source: Source): Answer {
  return all([logging, selects(selectors, source)]);
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
