/** Telling people of callers: one message for all that a review wrote, one for all that it newly found. */
import { type AccountId, type AgentId, type CallerArn, partsOf } from "../arn.ts";
import type { Alert } from "../finding/alert.ts";
import { digest, type Finding, worst } from "../finding/finding.ts";
import { complete, plain } from "../finding/render.ts";
import type { Agent, Alerts, OperatorCommands, ToldFindings } from "../ports.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import type { CallerCommands, CallerJournal } from "./ports.ts";

export interface TellCallersPorts {
  readonly alerts: Alerts;
  readonly told: ToldFindings;
  readonly callerJournal: CallerJournal;
  readonly commands: OperatorCommands & CallerCommands;
}

interface Place {
  readonly account: AccountId;
  readonly region: string;
}

/** What `told` holds beside the ids of findings: callers that are being written to, and whose journal is to be looked at. */
const WRITING = "writing|";

/** Before the writes: after a crash, the next review knows whom to tell of. */
export async function noteWriting(callers: readonly CallerArn[], at: string, ports: TellCallersPorts): Promise<void> {
  const told = await ports.told.of("callers");
  const notes = callers.map((caller) => `${WRITING}${caller}`);
  await ports.told.set("callers", [...new Set([...told, ...notes])].sort(), at);
}

export async function notedWriting(ports: Pick<TellCallersPorts, "told">): Promise<readonly string[]> {
  const told = await ports.told.of("callers");
  return told.flatMap((one) => (one.startsWith(WRITING) ? [one.slice(WRITING.length)] : []));
}

/**
 * @param isComplete - whether the review looked at all callers: a problem that it does not see is then gone
 */
export async function tellFindingsOfCallers(
  job: CallersJob,
  findings: readonly Finding[],
  isComplete: boolean,
  of: Place & { readonly agents: readonly Agent[]; readonly at: string },
  ports: TellCallersPorts,
): Promise<void> {
  const told = (await ports.told.of("callers")).filter((one) => !one.startsWith(WRITING));
  const fresh = findings.filter(({ id }) => !told.includes(id));
  if (fresh.length > 0) await ports.alerts.publish(problemAlert(job, fresh, of));
  const now = findings.map(({ id }) => id);
  const ids = [...new Set(isComplete ? now : [...told, ...now])].sort();
  // After publishing: a crash between the two tells twice rather than never.
  await ports.told.set("callers", ids, of.at);
}

/** More than so many snippets nobody reads in a message. */
const MOST_SHOWN = 5;

function problemAlert(
  job: CallersJob,
  findings: readonly Finding[],
  { account, region, agents, at }: Place & { readonly agents: readonly Agent[]; readonly at: string },
): Alert {
  const severity = worst(findings.map((finding) => finding.severity));
  const inOrder = [...findings].sort((a, b) => rankOf(b, severity) - rankOf(a, severity));
  const [first] = inOrder;
  const callers = [...new Set(inOrder.flatMap(({ caller }) => caller ?? []))];
  const concerned = new Set(findings.flatMap((finding) => finding.agents));
  const named = agents.filter((agent) => concerned.has(agent.id));
  const many =
    callers.length > 1 ? `${callers.length} callers can't use, or should not have, the key of an agent` : undefined;
  const proposes = findings.some(({ kind }) => kind === "caller-lacks-access" || kind === "caller-access-unneeded");
  const shown = inOrder.slice(0, MOST_SHOWN);
  const others = inOrder.slice(MOST_SHOWN);
  return complete({
    id: `callers-${digest(job.causes.map(({ id }) => id).join(" "), ...findings.map(({ id }) => id))}`,
    at,
    kind: proposes ? "proposed" : "problem",
    severity,
    subject: `[bedrock-key-guard] ${severity}: ${many ?? plain(first?.title ?? "").split(":")[0]}`,
    headline: `${many ?? plain(first?.title ?? "")}.`,
    account,
    region,
    key: undefined,
    callers,
    agents: named.map(({ id, name }) => ({ id, name })),
    causes: job.causes,
    diff: [],
    findings: [...shown, ...others.map((finding) => ({ ...finding, evidence: [], remedy: [] }))],
    nextSteps: [
      ...shown.flatMap((finding) => finding.remedy),
      ...(others.length > 0
        ? [
            `For the other ${others.length}, \`bedrock-key-guard callers\` prints the policies and commands (docs/callers.md).`,
          ]
        : []),
      "Not visible from here: organization policies, session policies and grants; they may refuse or allow beside what is said above.",
    ],
  });
}

function rankOf(finding: Finding, severity: Finding["severity"]): number {
  return finding.severity === severity ? 1 : 0;
}

/** Publishes what was written, then notes that it was told. */
export async function tellWritten(
  entries: readonly CallerJournalEntry[],
  { account, region, agents }: Place & { readonly agents: readonly Agent[] },
  ports: TellCallersPorts,
): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const one = entries.length === 1;
  const name = one ? nameOf(first.caller) : `${entries.length} callers`;
  const causes = new Map(entries.flatMap(({ causes }) => causes).map((cause) => [cause.id, cause]));
  const [cause = first.causes[0], ...others] = causes.values();
  const diff = entries.flatMap((entry) => [`${entry.caller}:`, ...entry.diff.map((line) => `  ${line}`)]);
  const mentioned = diff.join("\n");
  await ports.alerts.publish(
    complete({
      id: `callers-repaired-${digest(...entries.map(({ id, caller }) => `${caller} ${id}`))}`,
      at: first.at,
      kind: first.action === "rollback" ? "rolled-back" : "repaired",
      severity: "medium",
      subject: `[bedrock-key-guard] changed the access of ${name} to the keys of its agents`,
      headline: one
        ? `the guard changed its policy on ${first.caller}, so that it can use the keys of exactly the agents that it may invoke.`
        : `the guard changed its policies on ${entries.length} callers, so that they can use the keys of exactly the agents that they may invoke.`,
      account,
      region,
      key: undefined,
      callers: entries.map(({ caller }) => caller),
      agents: agents.filter(({ id }) => mentioned.includes(id)).map(({ id, name }) => ({ id: id as AgentId, name })),
      causes: [cause, ...others],
      diff,
      findings: [],
      nextSteps: [
        "1. Put the same policies where these roles and users are defined (Terraform, CloudFormation, CDK): a tool that removes inline policies which it does not know takes them out otherwise.",
        "2. If a change is not wanted, put back what was there. The guard then leaves the caller alone until you let it write again:",
        ...entries.slice(0, MOST_UNDONE).map((entry) => `   ${ports.commands.rollback(entry)}`),
        ...(entries.length > MOST_UNDONE ? [`   and likewise for ${entries.length - MOST_UNDONE} more`] : []),
      ],
    }),
  );
  for (const entry of entries) await ports.callerJournal.advance(entry, "told");
}

const MOST_UNDONE = 20;

function nameOf(caller: CallerArn): string {
  return plain(partsOf(caller).resource);
}
