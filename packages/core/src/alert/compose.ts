/** Makes one alert of what one actor brought about: the worst first, in full as far as people read, the rest in a line each. */
import type { AgentId, KeyArn } from "../arn.ts";
import { partsOf } from "../arn.ts";
import { digest, type FindingKind, isWorse, type Severity, worst } from "../finding/finding.ts";
import { keepsOn } from "../finding/life.ts";
import type { FindingRecord } from "../finding/record.ts";
import { happeningOf } from "../finding/record.ts";
import { plain } from "../finding/render.ts";
import type { Cause } from "../key/job.ts";
import type { Mode } from "../key/rails.ts";
import type { OperatorCommands } from "../ports.ts";
import type { Alert, AlertFinding, AlertKind } from "./alert.ts";
import type { Telling } from "./telling.ts";

export interface Place {
  readonly account: Alert["account"];
  readonly region: string;
  /** The modes of the deployment. */
  readonly modes: { readonly keys: Mode; readonly callers: Mode };
}

export type Aliases = ReadonlyMap<KeyArn, readonly string[]>;

/** Who is woken reads no more than this in full. */
const MOST_IN_FULL = 5;
/** Of the rest, a line each; what comes on top is a number. */
const MOST_LISTED = 100;
const MOST_CAUSES = 10;

/** @param tellings - all of one actor; at least one */
export function composeAlert(
  tellings: readonly [Telling, ...Telling[]],
  at: string,
  place: Place,
  aliases: Aliases,
  commands: Pick<OperatorCommands, "silence" | "findings">,
): Alert {
  const inOrder = merged(tellings).sort((a, b) => rankOf(a) - rankOf(b));
  const [first] = inOrder;
  if (!first) throw new Error("an alert tells of something");
  const full = inOrder.slice(0, MOST_IN_FULL);
  const listed = inOrder.slice(MOST_IN_FULL, MOST_LISTED).map(inShort);
  const severity = worst(inOrder.filter(({ change }) => change !== "resolved").map((one) => one.severity));
  const records = tellings.map(({ record }) => record);
  const threads = new Set(records.map(({ told }) => told.thread));
  const id = `alert-${digest(...tellings.map(({ record, sequence }) => `${record.id} ${sequence}`))}`;
  const [thread] = threads;
  return {
    v: 2,
    id,
    at,
    kind: kindOf(inOrder),
    severity: inOrder.every(({ change }) => change === "resolved") ? "low" : severity,
    mode: first.caller || first.kind.startsWith("caller") ? place.modes.callers : place.modes.keys,
    subject: subjectOf(inOrder, records),
    headline: headlineOf(inOrder),
    account: place.account,
    region: place.region,
    keys: unique(inOrder.flatMap(({ key }) => key ?? [])).map((arn) => ({ arn, aliases: aliases.get(arn) ?? [] })),
    callers: unique(inOrder.flatMap(({ caller }) => caller ?? [])),
    agents: agentsOf(records),
    causes: causesOf(tellings),
    findings: [...full, ...listed],
    sections: [],
    nextSteps: stepsOf(full, tellings, inOrder.length, commands),
    wayBack: wayBackOf(full, tellings, commands),
    thread: threads.size === 1 && thread !== undefined ? thread : id,
    perhapsAgain: false,
  };
}

/** What one write is about is told as one: the same deed, for several agents. */
function merged(tellings: readonly Telling[]): AlertFinding[] {
  const groups = Map.groupBy(tellings, ({ record, change }) =>
    happeningOf(record.kind) === "over"
      ? [record.kind, record.key ?? record.caller, change, ...record.diff].join("\n")
      : record.id,
  );
  return [...groups.values()].map((group) => {
    const [{ record, change }] = group as [Telling, ...Telling[]];
    const records = group.map((one) => one.record);
    const one = findingOf(record, change);
    return {
      ...one,
      title: `${one.title}${records.length > 1 ? ` (and so for ${records.length - 1} more)` : ""}`,
      refs: records.map(({ ref }) => ref),
      agents: unique(records.flatMap(({ agents }) => agents)),
      times: Math.max(...records.map(({ begun }) => begun.length)),
    };
  });
}

export function findingOf(record: FindingRecord, change: AlertFinding["change"]): AlertFinding {
  const undoer = change === "recurring" ? keepsOn(record) : undefined;
  return {
    refs: [record.ref],
    kind: record.kind,
    severity: record.severity,
    change,
    title: undoer ? recurringTitle(record, undoer.actor) : record.title,
    detail: undoer
      ? `The guard gave it again ${undoer.at.length} times since ${undoer.at[0]?.slice(0, 10)}. Until the policy is right where it is defined, its agents fail each time until the guard comes by. ${record.detail}`
      : change === "resolved"
        ? `It is over, and nothing is to be done. It was: ${record.detail}`
        : record.detail,
    key: record.key,
    caller: record.caller,
    agents: record.agents,
    since: record.openedAt,
    resolved: record.resolved,
    times: record.begun.length,
    evidence: change === "resolved" ? [] : record.evidence,
    diff: change === "resolved" ? [] : record.diff,
    remedy: change === "resolved" ? [] : record.remedy,
  };
}

function recurringTitle({ caller }: FindingRecord, actor: string): string {
  const what = caller ? "what the guard gives a caller" : "what the guard repairs";
  return `somebody keeps undoing ${what}: ${plain(actor)}, over weeks`;
}

/** Without what is long: a line in a list. */
function inShort(finding: AlertFinding): AlertFinding {
  return { ...finding, evidence: [], diff: [], remedy: [], detail: "" };
}

/** The guard knows a change, and does not make it. */
const NOT_WRITTEN: ReadonlySet<FindingKind> = new Set([
  "addition-held-back",
  "write-budget-spent",
  "contested",
  "caller-lacks-access",
  "caller-access-unneeded",
  "caller-contested",
]);
const ROLLED_BACK: ReadonlySet<FindingKind> = new Set(["policy-rolled-back"]);

function kindOf(findings: readonly AlertFinding[]): AlertKind {
  const open = findings.filter(({ change, kind }) => change !== "resolved" && happeningOf(kind) !== "over");
  if (open.some(({ kind }) => !NOT_WRITTEN.has(kind))) return "problem";
  if (findings.some(({ change }) => change === "recurring")) return "problem";
  if (open.length > 0) return "proposed";
  const done = findings.filter(({ change }) => change !== "resolved");
  if (done.some(({ kind }) => !ROLLED_BACK.has(kind))) return "repaired";
  return done.length > 0 ? "rolled-back" : "resolved";
}

const SEVERITY_RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** Problems before what was done before what is over; within these the worst first. */
function rankOf({ change, kind, severity }: AlertFinding): number {
  const group = change === "resolved" ? 2 : happeningOf(kind) === "over" && change !== "recurring" ? 1 : 0;
  return 10 * group + SEVERITY_RANK[severity];
}

function headlineOf(findings: readonly AlertFinding[]): string {
  const [first, ...others] = findings;
  if (!first) return "";
  const end = first.change === "resolved" ? ` (over${first.resolved?.by === "guard" ? ", by the guard" : ""})` : "";
  const more = others.length === 0 ? "" : `, and ${others.length} more ${likeIt(first, others)}`;
  return `${plain(first.title)}${end}${more}.`;
}

function likeIt({ kind }: AlertFinding, others: readonly AlertFinding[]): string {
  if (others.every((one) => one.kind === kind)) return "like it";
  return others.length === 1 ? "finding" : "findings";
}

function subjectOf(findings: readonly AlertFinding[], records: readonly FindingRecord[]): string {
  const [first, ...others] = findings;
  if (!first) return "";
  const what = plain(first.title.split(":")[0] ?? "");
  const over = first.change === "resolved" ? "over: " : first.change === "reopened" ? "again: " : "";
  if (others.length > 0) return `${over}${findings.length} findings, first: ${what}`;
  const [record] = records;
  return `${over}${what}${first.key && record ? `, key ${shortKey(first.key)} of ${agentNames(records)}` : ""}`;
}

function agentNames(records: readonly FindingRecord[]): string {
  const [first, ...others] = agentsOf(records);
  if (!first) return "no agent";
  return `agent "${plain(first.name)}"${others.length > 0 ? ` and ${others.length} more` : ""}`;
}

function agentsOf(records: readonly FindingRecord[]): Alert["agents"] {
  const names = new Map<AgentId, string>(
    records.flatMap((one) => one.names.map(({ id, name }) => [id, name] as const)),
  );
  return unique(records.flatMap(({ agents }) => agents)).map((id) => ({ id, name: names.get(id) ?? id }));
}

function causesOf(tellings: readonly Telling[]): readonly Cause[] {
  const all = new Map(tellings.flatMap(({ news }) => news.causes).map((cause) => [cause.id, cause]));
  return [...all.values()].sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-MOST_CAUSES);
}

/** A remark that is said to each alike is said once; a command or a snippet each time. */
function stepsOf(
  full: readonly AlertFinding[],
  tellings: readonly Telling[],
  count: number,
  commands: Pick<OperatorCommands, "findings">,
): readonly string[] {
  // Who keeps undoing it is given the very text instead.
  const steps = full.flatMap(({ remedy, change }) => (change === "recurring" ? [] : remedy));
  const isRemark = (step: string) => !step.includes("\n") && (step.endsWith(".") || step.startsWith("What AWS"));
  const once = steps.filter((step, i) => !isRemark(step) || steps.indexOf(step) === i);
  const more = count - MOST_IN_FULL;
  return [
    ...once,
    ...snippetsOf(full, tellings),
    ...(more > 0 ? [`What to do about the other ${more}:`, commands.findings()] : []),
  ];
}

/** Where somebody's tool undoes it, or where a person has to give it by hand; of one only: they differ by a name. */
function snippetsOf(full: readonly AlertFinding[], tellings: readonly Telling[]): readonly string[] {
  const of = full.find(({ kind, change }) => change === "recurring" || NOT_WRITTEN.has(kind));
  const record = tellings.find((one) => of?.refs.includes(one.record.ref))?.record;
  if (!of || !record || record.snippets.length === 0) return [];
  const lead = of.change === "recurring" ? ["Put it where the policy is defined, in one of these forms:"] : [];
  return [...lead, ...record.snippets];
}

function wayBackOf(
  full: readonly AlertFinding[],
  tellings: readonly Telling[],
  commands: Pick<OperatorCommands, "silence">,
): readonly string[] {
  const shown = new Set(full.flatMap(({ refs }) => refs));
  const records = tellings.flatMap(({ record, change }) =>
    shown.has(record.ref) && change !== "resolved" ? [record] : [],
  );
  const undo = unique(records.map(({ wayBack }) => wayBack.join("\n"))).filter((text) => text !== "");
  const standing = records.filter(({ kind }) => happeningOf(kind) !== "over");
  const refs = standing.map(({ ref }) => ref);
  return [
    ...undo.flatMap((text) => text.split("\n")),
    ...(refs.length > 0 ? ["To hear no more of it for a while:", commands.silence(refs)] : []),
  ];
}

/** Enough of a key's id to recognise it in a subject line. */
export function shortKey(key: KeyArn): string {
  return partsOf(key).resource.replace("key/", "").slice(0, 8);
}

export function unique<T extends string>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** Whether one is worse than the other, for those who sort. */
export function worstFirst(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return isWorse(a.severity, b.severity) ? -1 : isWorse(b.severity, a.severity) ? 1 : 0;
}
