/** An alert as an email: plain text for whoever is woken by it, what is wrong first, the next step complete. */
import type { Alert, AlertFinding } from "../alert/alert.ts";
import { plain } from "../finding/render.ts";
import {
  aboutText,
  accountText,
  agentLink,
  agentText,
  causesText,
  isDone,
  keyLink,
  keyText,
  labelOf,
  lifeOf,
  reasonTitle,
  shortly,
} from "./words.ts";

export interface Email {
  /** As SNS takes it: fewer than 100 characters, printable ASCII, one line. */
  readonly subject: string;
  readonly text: string;
}

export function emailOf(alert: Alert): Email {
  return { subject: subjectOf(alert), text: textOf(alert) };
}

const LONGEST_SUBJECT = 99;

function subjectOf({ severity, kind, subject }: Alert): string {
  const said = kind === "resolved" || kind === "digest" ? kind : severity;
  // What is resolved is over.
  return safeSubject(`[bedrock-key-guard] ${said}: ${kind === "resolved" ? subject.replace(/^over: /, "") : subject}`);
}

/**
 * A subject that SNS takes: fewer than 100 characters, printable ASCII only (its older rule, which some Regions'
 * documentation still states), starting with a character that isn't a space.
 */
export function safeSubject(subject: string): string {
  const ascii = subject
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[\u2010-\u2015]/g, "-")
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/…/g, "...")
    .replace(/\s+/g, " ")
    .replace(/[^\u0020-\u007e]/gu, "?")
    .trim();
  const short = ascii.length > LONGEST_SUBJECT ? `${ascii.slice(0, LONGEST_SUBJECT - 3).trimEnd()}...` : ascii;
  return short || "bedrock-key-guard alert";
}

/** More than these are a number: who reads an email does not read on. */
const MOST_LISTED = 20;
const LONGEST_LINE = 2_000;

function textOf(alert: Alert): string {
  const [full, listed] = split(alert.findings, (one) => one.detail !== "");
  const sections: readonly (readonly string[])[] = [
    [
      ...(alert.perhapsAgain ? ["(You may have got this before: the first attempt ended without an answer.)", ""] : []),
      `${labelOf(alert)}: ${line(alert.headline)}`,
    ],
    section("What happened", causesText(alert.causes).map(line)),
    section("Where", where(alert)),
    ...full.map((one) => findingSection(one, alert, full.length + listed.length > 1)),
    alert.kind === "digest" || alert.kind === "reminder"
      ? []
      : section(
          "And",
          listed.map((one) => listedLine(one, alert)),
        ),
    ...alert.sections.map(({ title, lines }) => section(line(title), lines.map(line))),
    section("What to do", alert.nextSteps),
    section("To undo it, or to hear no more of it", alert.wayBack),
    [`-- \nAlert ${alert.id}, bedrock-key-guard in mode ${alert.mode}. What each kind means: docs/runbook.md`],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.flatMap(indented)];
}

function where(alert: Alert): readonly string[] {
  const { agents, callers, keys, region } = alert;
  const [agent] = agents;
  const [key] = keys;
  return [
    ...shortened(callers, (caller) => `caller:  ${line(caller)}`),
    ...shortened(agents, (one) => `agent:   ${agentText(one)}`),
    ...shortened(keys, (one) => `key:     ${keyText(one)}`),
    `account: ${accountText(alert)}`,
    ...(key && keys.length === 1 ? [`console: ${keyLink(key.arn)}`] : []),
    ...(agent && agents.length === 1 ? [`         ${agentLink(agent.id, region)}`] : []),
  ];
}

function shortened<T>(list: readonly T[], text: (one: T) => string): readonly string[] {
  const more = list.length - MOST_LISTED;
  return [...list.slice(0, MOST_LISTED).map(text), ...(more > 0 ? [`         and ${more} more`] : [])];
}

function findingSection(finding: AlertFinding, alert: Alert, amongOthers: boolean): readonly string[] {
  const { severity, title, detail, evidence, diff, kind } = finding;
  return [
    amongOthers ? `Finding (${severity}): ${line(title)}` : reasonTitle(finding),
    ...(amongOthers ? [`  ${aboutText(finding, alert)}`] : []),
    `  ${line(detail)}`,
    `  ${lifeOf(finding)} [${kind} ${finding.refs.join(" ")}]`,
    ...evidence.flatMap((text) => ["", ...indented(text)]),
    ...(diff.length > 0 ? ["", `  ${diffTitle(finding)}:`, ...diff.flatMap(indented)] : []),
  ];
}

function diffTitle(finding: AlertFinding): string {
  const what = finding.caller === undefined ? "key policy" : "caller's policy";
  return isDone(finding) ? `What was changed in the ${what}` : `What the guard would change in the ${what}`;
}

function listedLine(finding: AlertFinding, alert: Alert): string {
  const { severity, title, refs } = finding;
  return `${severity}: ${shortly(line(title), 200)}; ${shortly(aboutText(finding, alert), 300)} [${refs.join(" ")}]`;
}

/** Texts of many lines keep them: statements, diffs, snippets. */
function indented(text: string): readonly string[] {
  return text.split("\n").map((one) => `  ${shortly(plain(one), LONGEST_LINE)}`);
}

function line(text: string): string {
  return shortly(plain(text), LONGEST_LINE);
}

function split<T>(list: readonly T[], is: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [list.filter(is), list.filter((one) => !is(one))];
}
