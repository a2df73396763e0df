/**
 * A scene's timeline on a terminal: event → decision → diff → alert, each line led by what it is. The facts come from
 * the running stack: CloudTrail records, the functions' logs, and the mails that arrived.
 */
import { styleText } from "node:util";
import { plain } from "@bedrock-key-guard/core/finding/render.ts";
import type { CloudTrailRecord } from "../contract.ts";
import type { LogLine } from "../runner/function-pool.ts";
import type { Mail } from "../runner/sns-service.ts";

export type Lead = "people" | "before" | "event" | "guard" | "decision" | "diff" | "alert" | "after" | "note";

const COLOUR = {
  people: "gray",
  before: "gray",
  event: "cyan",
  guard: "gray",
  decision: "yellow",
  diff: "green",
  alert: "magenta",
  after: "gray",
  note: "gray",
} as const satisfies Record<Lead, Parameters<typeof styleText>[0]>;

export interface Timeline {
  title(text: string): void;
  line(lead: Lead, text: string): void;
}

/** @param write takes whole lines */
export function timeline(write: (line: string) => void): Timeline {
  return {
    title: (text) => write(`\n${styleText("bold", plain(text))}`),
    line(lead, text) {
      for (const [index, part] of text.split("\n").entries()) {
        write(`  ${styleText(COLOUR[lead], (index === 0 ? lead : "").padEnd(9))} ${plain(part)}`.trimEnd());
      }
    },
  };
}

const PREPARATIONS = new Set(["CreateRole", "CreateKey", "CreateUser"]);

/** What people prepare is no event for the guard; what the guard writes is its own deed. */
export function leadOf(record: CloudTrailRecord): Lead {
  if (recordText(record).includes("role/bedrock-key-guard-")) return "guard";
  return PREPARATIONS.has(record.eventName) ? "people" : "event";
}

/** "UpdateAgent by role/team/Developer (session ana)" */
export function recordText(record: CloudTrailRecord): string {
  const identity = record.userIdentity as Identity | undefined;
  const issuer = identity?.sessionContext?.sessionIssuer?.arn;
  const who = issuer ?? identity?.arn ?? identity?.invokedBy ?? "someone";
  const session = issuer && identity?.arn ? ` (session ${identity.arn.split("/").at(-1)})` : "";
  const failed = record.errorCode ? `, refused: ${record.errorCode}` : "";
  return `${record.eventName} by ${who.replace(/^arn:aws:iam::\d+:/, "")}${session}${failed}`;
}

interface Identity {
  readonly arn?: string;
  readonly invokedBy?: string;
  readonly sessionContext?: { readonly sessionIssuer?: { readonly arn?: string } };
}

/** What a function's log line says to a newcomer; undefined for lines that are no news. */
export function logText({ functionName, line }: LogLine): { lead: Lead; text: string } | undefined {
  const entry = parse(line);
  const fn = functionName.split("-").at(-1) ?? functionName;
  switch (entry?.message) {
    case "an event is dropped":
      return { lead: "guard", text: `${fn}: dropped: ${entry.reason}` };
    case "an event is taken in": {
      const outcome = entry.outcome as IntakeOutcome;
      return { lead: "guard", text: `${fn}: ${entry.eventName} → ${INTAKE[outcome.kind]?.(outcome) ?? outcome.kind}` };
    }
    case "a page of a sweep is done":
      return { lead: "guard", text: `${fn}: ${entry.agents} agents read` };
    case "a page of a sweep's keys is done":
      return { lead: "guard", text: `${fn}: ${entry.keys} keys to look at` };
    case "a key was judged":
      return { lead: "decision", text: `${verdictsText(entry.verdicts)} → ${PLANS[String(entry.plan)] ?? entry.plan}` };
    case "a key was looked at":
      return {
        lead: "decision",
        text: `${String(entry.outcome)}: ${keyName(String(entry.key))}${entry.reason ? ` (${entry.reason})` : ""}`,
      };
    case "the callers were looked at":
      return callersText(entry);
    default:
      return entry?.level === "WARN" || entry?.level === "ERROR"
        ? { lead: "guard", text: `${fn}: ${entry.message}: ${entry.reason ?? ""}` }
        : undefined;
  }
}

type IntakeOutcome = { readonly kind: string; readonly keys?: readonly string[]; readonly reason?: string };

const INTAKE: Readonly<Record<string, (outcome: IntakeOutcome) => string>> = {
  queued: ({ keys }) => `look at ${keys?.map(keyName).join(" and ")}`,
  "callers-queued": () => "look at who may invoke agents",
  dropped: ({ reason }) => `dropped: ${reason}`,
};

/** "reviewed: 3 callers, 1 written to"; that all is as it should be is no news. */
function callersText(entry: Record<string, unknown>): { lead: Lead; text: string } | undefined {
  const { outcome, callers, written, problems, reason, again } = entry;
  const why = reason ?? again;
  const end = why ? ` (${why})` : "";
  if (outcome !== "reviewed") return { lead: "decision", text: `callers ${String(outcome).replace("-", " ")}${end}` };
  if (written === 0 && problems === 0 && !again) return undefined;
  const who = callers === 1 ? "1 caller" : `${callers} callers`;
  const found = problems === 0 ? "" : `, ${problems} to be told of`;
  return { lead: "decision", text: `${outcome}: ${who}, ${written} written to${found}${end}` };
}

const PLANS: Readonly<Record<string, string>> = {
  nothing: "nothing to add",
  patch: "add what is missing",
  "too-long": "the addition does not fit",
  "no-safe-patch": "no safe addition",
};

/** "key-admin met, service-sessions 2 met and 1 missing" */
function verdictsText(verdicts: unknown): string {
  return Object.entries(verdicts as Record<string, Record<string, number>>)
    .map(([id, counts]) => {
      const kinds = Object.entries(counts);
      const [only] = kinds;
      return kinds.length === 1 && only
        ? `${id} ${only[0]}`
        : `${id} ${kinds.map(([kind, n]) => `${n} ${kind}`).join(" and ")}`;
    })
    .join(", ");
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

export function keyName(arn: string): string {
  const [account, id] = [arn.split(":")[4], arn.split("/").at(-1)];
  return `key ${id?.slice(0, 8)}… of ${account}`;
}

const DIFF_HEADING = /^What (?:was changed|the guard would change) in the (?:key policy|caller's policy):\n/m;

/** What a timeline shows of a mail; each section is undefined where the mail has none. */
export function mailParts(mail: Mail): {
  readonly about: "key" | "callers";
  readonly cause: string | undefined;
  readonly problem: string | undefined;
  readonly diff: string | undefined;
  readonly steps: string | undefined;
} {
  const section = (heading: string, end = "(?=^\\S)") => {
    const found = new RegExp(`^${heading}.*\\n([\\s\\S]*?)(?:${end}|$(?![\\s\\S]))`, "m").exec(mail.text)?.[1];
    return found?.trimEnd().replaceAll(/^ {2}/gm, "");
  };
  const found = section("(?:Why it matters|Finding)", "(?=^What to do)");
  const [problem, diff] = found?.split(DIFF_HEADING) ?? [];
  return {
    about: /^ {2}key: /m.test(mail.text) ? "key" : "callers",
    cause: section("What happened"),
    problem: problem?.trimEnd(),
    diff,
    steps: section("What to do"),
  };
}
