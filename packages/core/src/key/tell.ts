/** Telling people: one message about one key, and the same problem once. */
import { type AgentId, accountOf, partsOf } from "../arn.ts";
import type { Alert } from "../finding/alert.ts";
import { digest, type Finding, type FindingKind, worst } from "../finding/finding.ts";
import { complete, plain } from "../finding/render.ts";
import type { Agent, Alerts, Clock, Journal, Log, OperatorCommands, ToldFindings } from "../ports.ts";
import type { KeyJob } from "./job.ts";
import type { JournalAction, JournalEntry } from "./journal.ts";

export interface TellPorts {
  readonly alerts: Alerts;
  readonly told: ToldFindings;
  readonly journal: Journal;
  readonly commands: OperatorCommands;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Publishes what people have not been told yet, and remembers what now stands.
 *
 * @param complete - whether this look at the key saw everything: one that waits for something does not know that a
 *   problem it no longer sees is gone, and must not make it news again
 */
export async function tellFindings(
  job: KeyJob,
  agents: readonly Agent[],
  findings: readonly Finding[],
  diff: readonly string[],
  complete: boolean,
  ports: TellPorts,
): Promise<void> {
  const told = await ports.told.of(job.key);
  const fresh = findings.filter((finding) => !told.includes(finding.id));
  if (fresh.length > 0) await ports.alerts.publish(problemAlert(job, agents, fresh, diff, ports.clock.now()));
  const now = findings.map((finding) => finding.id);
  const ids = [...new Set(complete ? now : [...told, ...now])].sort();
  if (ids.join("\n") === [...told].sort().join("\n")) return;
  // After publishing: a crash between the two tells twice rather than never.
  await ports.told.set(job.key, ids, ports.clock.now());
}

/** Findings about something that happened once, rather than stands: whoever calls this keeps it from being told again. */
export async function tellOnce(
  job: KeyJob,
  agents: readonly Agent[],
  findings: readonly Finding[],
  ports: TellPorts,
): Promise<void> {
  if (findings.length > 0) await ports.alerts.publish(problemAlert(job, agents, findings, [], ports.clock.now()));
}

/** What became of a write: `overwritten` when KMS no longer shows it, `unknown` when KMS may never have taken it. */
export type Fate = "stands" | "overwritten" | "unknown";

export async function tellWrite(
  entry: JournalEntry,
  agents: readonly Agent[],
  fate: Fate,
  ports: TellPorts,
): Promise<void> {
  await ports.alerts.publish(writeAlert(entry, agents, fate, ports.commands));
  await ports.journal.advance(entry, "told", ports.clock.now());
}

const FATES: Readonly<Record<Fate, string>> = {
  stands: "KMS confirms the new policy.",
  overwritten: "someone has put another policy since: look at who writes this key's policy.",
  unknown: "whether KMS took that is not known, since someone has put another policy meanwhile: look at who writes it.",
};

const SUFFIXES: Readonly<Record<Fate, string>> = {
  stands: "",
  overwritten: ", and overwritten",
  unknown: ", and perhaps overwritten",
};

/** What was done, for a subject line and for a sentence. */
const DEEDS: Readonly<
  Record<JournalAction, { readonly short: string; readonly what: (entry: JournalEntry) => string }>
> = {
  repair: {
    short: "repaired",
    what: (entry) =>
      entry.diff.some((line) => line.startsWith("+"))
        ? "lacked what %agents needs; the guard added it"
        : "still let agents or roles that are gone use the key; the guard took them out",
  },
  rollback: { short: "rolled back", what: (entry) => `was put back to what it was, by ${plain(entry.by)}` },
  restore: {
    short: "restored",
    what: () => "had been overwritten by the guard unseen; it put that policy back, with its own statements added",
  },
};

function writeAlert(entry: JournalEntry, agents: readonly Agent[], fate: Fate, commands: OperatorCommands): Alert {
  const id = partsOf(entry.key).resource.replace("key/", "");
  const { short, what } = DEEDS[entry.action];
  const done = what(entry).replace("%agents", () => nameOf(agents));
  return complete({
    id: `${short.replaceAll(" ", "-")}-${entry.id}`,
    at: entry.at,
    kind: entry.action === "rollback" ? "rolled-back" : "repaired",
    severity: entry.action === "restore" ? "critical" : fate === "stands" ? "medium" : "high",
    subject: `[bedrock-key-guard] ${short} key ${shortId(entry.key)} for ${nameOf(agents)}${SUFFIXES[fate]}`,
    headline: `the policy of KMS key ${id} ${done}, and ${FATES[fate]}`,
    ...place(entry),
    agents: agents.map(({ id: agent, name }) => ({ id: agent, name })),
    causes: entry.causes,
    diff: entry.diff,
    findings: [],
    nextSteps: entry.action === "rollback" ? afterRollback(entry, commands) : afterWrite(entry, commands),
  });
}

function afterWrite(entry: JournalEntry, commands: OperatorCommands): readonly string[] {
  return [
    "1. Put the same statements where this key's policy is defined (Terraform, CloudFormation, CDK, a console): its next deployment removes them otherwise.",
    "2. If the change is not wanted, put the former policy back. The guard then leaves the key alone until you let it write again:",
    `   ${commands.rollback(entry)}`,
  ];
}

function afterRollback(entry: JournalEntry, commands: OperatorCommands): readonly string[] {
  return [
    "The guard does not write to this key until someone lets it, and its agents may fail meanwhile:",
    `   ${commands.resumeKey(entry.key)}`,
  ];
}

/** Findings that come with a change which the guard knows, and did not make. */
const NOT_WRITTEN: ReadonlySet<FindingKind> = new Set(["addition-held-back", "write-budget-spent", "contested"]);

function problemAlert(
  job: KeyJob,
  agents: readonly Agent[],
  findings: readonly Finding[],
  diff: readonly string[],
  at: string,
): Alert {
  const concerned = new Set(findings.flatMap((finding) => finding.agents));
  const named = agents.filter((agent) => concerned.has(agent.id));
  const severity = worst(findings.map((finding) => finding.severity));
  const [first] = [...findings].sort((a, b) => (a.severity === severity ? -1 : 0) - (b.severity === severity ? -1 : 0));
  const held = findings.some((finding) => NOT_WRITTEN.has(finding.kind));
  const title = plain(first?.title ?? "");
  return complete({
    id: `problem-${digest(job.causes.map((cause) => cause.id).join(" "), ...findings.map((finding) => finding.id))}`,
    at,
    kind: held ? "proposed" : "problem",
    severity,
    subject: `[bedrock-key-guard] ${severity}: ${title.split(":")[0]}, key ${shortId(job.key)} of ${nameOf(named)}`,
    headline: `${title}.`,
    ...place(job),
    agents: named.map(({ id, name }) => ({ id, name })),
    causes: job.causes,
    diff: held ? diff : [],
    findings,
    nextSteps: [...new Set(findings.flatMap((finding) => finding.remedy))],
  });
}

function place(of: Pick<KeyJob, "key">): Pick<Alert, "account" | "region" | "key" | "callers"> {
  return { key: of.key, callers: [], account: accountOf(of.key), region: partsOf(of.key).region };
}

function nameOf(agents: readonly { readonly id: AgentId; readonly name: string }[]): string {
  const [first, ...others] = agents.map((agent) => `agent "${plain(agent.name)}"`);
  if (!first) return "its agents";
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** Enough of a key's id to recognise it in a subject line. */
function shortId(key: KeyJob["key"]): string {
  return partsOf(key).resource.replace("key/", "").slice(0, 8);
}
