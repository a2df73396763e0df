/** The messages about callers: what was newly found, and what was written. */
import { type AccountId, type CallerArn, partsOf } from "../arn.ts";
import type { Alert } from "../finding/alert.ts";
import { digest, type Finding, type FindingKind, worst } from "../finding/finding.ts";
import { complete, plain } from "../finding/render.ts";
import type { Cause } from "../key/job.ts";
import type { Agent, OperatorCommands } from "../ports.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import type { CallerFinding } from "./news.ts";
import type { CallerCommands } from "./ports.ts";
import { NOT_VISIBLE } from "./review.ts";

export interface Place {
  readonly account: AccountId;
  readonly region: string;
  readonly agents: readonly Agent[];
  /** ISO 8601. */
  readonly at: string;
}

/** More than so many snippets nobody reads in a message. */
const MOST_SHOWN = 5;

/** The guard knows a change, and does not make it. */
const NOT_WRITTEN: ReadonlySet<FindingKind> = new Set([
  "caller-lacks-access",
  "caller-access-unneeded",
  "caller-contested",
]);
/** A caller certainly can't use a key. */
const FAILING: ReadonlySet<FindingKind> = new Set([
  "caller-lacks-access",
  "caller-denied",
  "caller-stopped",
  "caller-policy-full",
]);

export function problemAlert(
  job: CallersJob,
  found: readonly CallerFinding[],
  { account, region, agents, at }: Place,
): Alert {
  const severity = worst(found.map((finding) => finding.severity));
  const isWorst = (finding: Finding) => (finding.severity === severity ? 0 : 1);
  const worstFirst = [...found].sort((a, b) => isWorst(a) - isWorst(b));
  const inOrder = worstFirst.map(
    ({ about: _, snippets, ...finding }): Finding => ({ ...finding, remedy: [...finding.remedy, ...snippets] }),
  );
  const [shown, others] = [inOrder.slice(0, MOST_SHOWN), inOrder.slice(MOST_SHOWN)];
  const concerned = new Set(inOrder.flatMap((finding) => finding.agents));
  const title = titleOf(inOrder);
  return complete({
    id: `callers-${digest(causeIds(job.causes), ...found.flatMap(({ id, about }) => [id, ...about]))}`,
    at,
    kind: inOrder.some(({ kind }) => NOT_WRITTEN.has(kind)) ? "proposed" : "problem",
    severity,
    subject: `[bedrock-key-guard] ${severity}: ${title.split(":")[0]}`,
    headline: `${title}.`,
    account,
    region,
    key: undefined,
    callers: callersIn(inOrder),
    agents: agents.filter(({ id }) => concerned.has(id)).map(({ id, name }) => ({ id, name })),
    causes: job.causes,
    diff: [],
    findings: [...shown, ...others.map((finding) => ({ ...finding, evidence: [], remedy: [] }))],
    nextSteps: [
      ...stepsOf(worstFirst.slice(0, MOST_SHOWN)),
      ...(others.length > 0
        ? [
            `For the other ${others.length}, \`bedrock-key-guard callers\` prints the policies and commands (docs/callers.md).`,
          ]
        : []),
      ...(inOrder.some(({ kind }) => FAILING.has(kind) || kind === "caller-depends") ? [NOT_SEEN] : []),
    ],
  });
}

/** Snippets only for the first: they differ by a name. What is said to each alike is said once. */
function stepsOf(shown: readonly CallerFinding[]): readonly string[] {
  const steps = shown.flatMap(({ remedy }) => remedy);
  const snippets = shown.find((finding) => finding.snippets.length > 0)?.snippets ?? [];
  const isRemark = (step: string) => !step.includes("\n") && (step.endsWith(".") || step.startsWith("What AWS"));
  return [...steps.filter((step, i) => !isRemark(step) || steps.indexOf(step) === i), ...snippets];
}

const NOT_SEEN = `Not visible from here: ${NOT_VISIBLE.map(({ what }) => what.replace("-", " ")).join(", ")}. They may refuse what is said to be allowed above, or allow what is not.`;

function titleOf(inOrder: readonly Finding[]): string {
  const callers = callersIn(inOrder);
  const [first] = inOrder;
  if (callers.length <= 1) return plain(first?.title ?? "");
  const failing = callersIn(inOrder.filter(({ kind }) => FAILING.has(kind))).length;
  if (failing === callers.length) return `${failing} callers can't use the keys of agents that they may invoke`;
  if (failing > 0) return `${failing} of ${callers.length} callers can't use the keys of agents that they may invoke`;
  return `${callers.length} callers of agents are to be looked at`;
}

function callersIn(findings: readonly Finding[]): readonly CallerArn[] {
  return [...new Set(findings.flatMap(({ caller }) => caller ?? []))];
}

function causeIds(causes: readonly Cause[]): string {
  return causes.map(({ id }) => id).join(" ");
}

/** @param entries - all of one action */
export function writtenAlert(
  entries: readonly [CallerJournalEntry, ...CallerJournalEntry[]],
  { account, region, agents }: Place,
  commands: OperatorCommands & CallerCommands,
): Alert {
  const [first] = entries;
  const isRollback = first.action === "rollback";
  const name = entries.length === 1 ? resourceOf(first.caller) : `${entries.length} callers`;
  const causes = new Map(entries.flatMap((entry) => entry.causes).map((cause) => [cause.id, cause]));
  const [cause = first.causes[0], ...others] = causes.values();
  const diff = entries.flatMap((entry) => [`${entry.caller}:`, ...entry.diff.map((line) => `  ${line}`)]);
  const mentioned = diff.join("\n");
  return complete({
    id: `callers-repaired-${digest(...entries.map(({ id, caller }) => `${caller} ${id}`))}`,
    at: first.at,
    kind: isRollback ? "rolled-back" : "repaired",
    severity: "medium",
    subject: `[bedrock-key-guard] ${isRollback ? "rolled back" : "changed"} the access of ${name} to the keys of its agents`,
    headline: deedIn(entries),
    account,
    region,
    key: undefined,
    callers: entries.map(({ caller }) => caller),
    agents: agents.filter(({ id }) => mentioned.includes(id)).map(({ id, name: known }) => ({ id, name: known })),
    causes: [cause, ...others],
    diff,
    findings: [],
    nextSteps: isRollback ? afterRollback(entries, commands) : afterWrite(entries, commands),
  });
}

function deedIn(entries: readonly [CallerJournalEntry, ...CallerJournalEntry[]]): string {
  const [{ action, by, caller, after }, ...others] = entries;
  if (others.length > 0) {
    return action === "rollback"
      ? `the guard's policies on ${entries.length} callers were put back to what they were.`
      : `the guard changed what its policies on ${entries.length} callers give: the use of the keys of agents that they may invoke.`;
  }
  if (action === "rollback") return `the guard's policy on ${caller} was put back to what it was, by ${plain(by)}.`;
  return after === undefined
    ? `the guard took its policy from ${caller}, which needs nothing of it any more.`
    : `the guard changed what its policy on ${caller} gives: the use of the keys of agents that it may invoke.`;
}

const MOST_COMMANDS = 20;

function afterWrite(
  entries: readonly CallerJournalEntry[],
  commands: OperatorCommands & CallerCommands,
): readonly string[] {
  return [
    "1. Make the same change where these roles and users are defined (Terraform, CloudFormation, CDK): a tool that looks after all inline policies of a role undoes it otherwise.",
    "2. If a change is not wanted, put back what was there. The guard then leaves that caller alone until you let it write again:",
    ...shortened(entries.map((entry) => `   ${commands.rollback(entry)}`)),
  ];
}

function afterRollback(
  entries: readonly CallerJournalEntry[],
  commands: OperatorCommands & CallerCommands,
): readonly string[] {
  return [
    "The guard does not write to these callers until someone lets it, and InvokeAgent may fail for them meanwhile:",
    ...shortened(entries.map(({ caller }) => `   ${commands.resume(caller)}`)),
  ];
}

function shortened(lines: readonly string[]): readonly string[] {
  const more = lines.length - MOST_COMMANDS;
  return more > 0 ? [...lines.slice(0, MOST_COMMANDS), `   and likewise for ${more} more`] : lines;
}

function resourceOf(caller: CallerArn): string {
  return plain(partsOf(caller).resource);
}
