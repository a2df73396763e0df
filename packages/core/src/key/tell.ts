/** Telling people: one message about one key, and the same problem once. */
import { type AgentId, accountOf, partsOf } from "../arn.ts";
import type { Alert } from "../finding/alert.ts";
import { digest, type Finding, worst } from "../finding/finding.ts";
import { alertText, plain } from "../finding/render.ts";
import type { Agent, Alerts, Clock, Journal, Log, ToldFindings } from "../ports.ts";
import type { KeyJob } from "./job.ts";
import type { JournalEntry } from "./journal.ts";

export interface TellPorts {
  readonly alerts: Alerts;
  readonly told: ToldFindings;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
}

export interface TellSettings {
  /** The name of the key tag that lowers the mode. */
  readonly modeTag: string;
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

export async function tellRepair(
  entry: JournalEntry,
  agents: readonly Agent[],
  fate: "stands" | "overwritten",
  ports: TellPorts,
  settings: TellSettings,
): Promise<void> {
  await ports.alerts.publish(repairAlert(entry, agents, fate, ports.journal.commandForBefore(entry), settings));
  await ports.journal.advance(entry, "told");
}

const FATES = {
  stands: "KMS confirms the new policy.",
  overwritten: "someone has put another policy since: look at who writes this key's policy.",
} as const;

function repairAlert(
  entry: JournalEntry,
  agents: readonly Agent[],
  fate: "stands" | "overwritten",
  printBefore: string,
  settings: TellSettings,
): Alert {
  const { region, resource } = partsOf(entry.key);
  const id = resource.replace("key/", "");
  return complete({
    id: `repaired-${entry.id}`,
    at: entry.at,
    kind: "repaired",
    severity: fate === "stands" ? "medium" : "high",
    subject: `[bedrock-key-guard] repaired key ${shortId(entry.key)} for ${nameOf(agents)}${fate === "stands" ? "" : ", and overwritten"}`,
    headline: `the policy of KMS key ${id} lacked what ${nameOf(agents)} needs; the guard added it, and ${FATES[fate]}`,
    ...place(entry),
    agents: agents.map(({ id: agent, name }) => ({ id: agent, name })),
    causes: entry.causes,
    diff: entry.added,
    findings: [],
    nextSteps: [
      "1. Put the same statements where this key's policy is defined (Terraform, CloudFormation, CDK, a console): its next deployment removes them otherwise.",
      "2. If the addition is not wanted, keep the guard from writing to this key, then put the former policy back:",
      `   aws kms tag-resource --region ${region} --key-id ${id} --tags TagKey=${settings.modeTag},TagValue=observe`,
      `   ${printBefore} > before.json`,
      `   aws kms put-key-policy --region ${region} --key-id ${id} --policy-name default --policy file://before.json`,
    ],
  });
}

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
  const held = findings.some((finding) => finding.kind === "addition-held-back");
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

function complete(alert: Omit<Alert, "text" | "v">): Alert {
  return { v: 1, ...alert, text: alertText(alert) };
}

function place(of: Pick<KeyJob, "key">): Pick<Alert, "account" | "region" | "key"> {
  return { key: of.key, account: accountOf(of.key), region: partsOf(of.key).region };
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
