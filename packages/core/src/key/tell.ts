/** Telling people of one key: what stands is noted as findings with a life, what was written as something that happened. */
import { type AgentId, type KeyArn, partsOf } from "../arn.ts";
import type { Finding, FindingKind } from "../finding/finding.ts";
import { finding } from "../finding/findings.ts";
import type { Happening } from "../finding/life.ts";
import { type NotePorts, noteFindings, noteHappenings } from "../finding/note.ts";
import { actorText, plain } from "../finding/render.ts";
import { snippets } from "../finding/snippets.ts";
import { parsePolicy } from "../policy/document.ts";
import type { Agent, Clock, Journal, OperatorCommands } from "../ports.ts";
import type { KeyJob } from "./job.ts";
import type { JournalAction, JournalEntry } from "./journal.ts";
import { readOwnStatements, statementsFor } from "./own-statements.ts";

export interface TellPorts extends NotePorts {
  readonly journal: Journal;
  readonly commands: OperatorCommands;
  readonly clock: Clock;
}

export interface Seen {
  /** Whether this look saw everything: one that waits for something does not know that what it no longer sees is over. */
  readonly isComplete: boolean;
  /** Whether the guard wrote in this look: what is over is then its doing. */
  readonly wrote: boolean;
}

export function tellFindings(
  job: KeyJob,
  agents: readonly Agent[],
  findings: readonly Finding[],
  { isComplete, wrote }: Seen,
  ports: TellPorts,
): Promise<void> {
  const mendedBy = wrote ? "guard" : "others";
  return noteFindings({ ...about(job, agents, ports), findings, isComplete, mendedBy }, ports);
}

/** Findings about something that happened once, rather than stands. */
export async function tellOnce(
  job: KeyJob,
  agents: readonly Agent[],
  findings: readonly Finding[],
  ports: TellPorts,
): Promise<void> {
  if (findings.length === 0) return;
  const happenings = findings.map((one) => ({ finding: one, occurrence: one.id, actor: undefined }));
  await noteHappenings(happenings, about(job, agents, ports), ports);
}

function about({ key, causes }: Pick<KeyJob, "key" | "causes">, agents: readonly Agent[], { clock }: TellPorts) {
  return { subject: key, at: clock.now(), causes, names: namesOf(agents) };
}

export function namesOf(agents: readonly Pick<Agent, "id" | "name">[]): ReadonlyMap<AgentId, string> {
  return new Map(agents.map(({ id, name }) => [id, name]));
}

/** What became of a write: `overwritten` when KMS no longer shows it, `unknown` when KMS may never have taken it. */
export type Fate = "stands" | "overwritten" | "unknown";

/** Notes what was written, then that it is told: whoever tells people does so from there. */
export async function tellWrite(
  entry: JournalEntry,
  agents: readonly Agent[],
  fate: Fate,
  ports: TellPorts,
): Promise<void> {
  const actor = entry.regains.length > 0 ? undoneBy(entry) : undefined;
  const happenings = writtenFindings(entry, agents, fate, ports.commands).map(
    (one): Happening => ({ finding: one, occurrence: entry.id, actor }),
  );
  await noteHappenings(happenings, about(entry, agents, ports), ports);
  await ports.journal.advance(entry, "told", ports.clock.now());
}

/** Who took out what this write gives again. */
function undoneBy({ causes }: JournalEntry): string {
  const puts = causes.flatMap((one) => (one.kind === "event" && one.eventName === "PutKeyPolicy" ? [one.actor] : []));
  const last = puts.at(-1);
  // The same tool comes with another session each time.
  return last ? actorText({ ...last, sessionName: undefined }) : "somebody whose call CloudTrail did not tell of";
}

/** One finding an agent that was helped; one for what was only taken out, put back or rolled back. */
function writtenFindings(
  entry: JournalEntry,
  agents: readonly Agent[],
  fate: Fate,
  commands: OperatorCommands,
): readonly Finding[] {
  const { kind, deed, detail } = deedOf(entry);
  const parts = {
    key: entry.key,
    agents: agents.map(({ id }) => id),
    diff: entry.diff,
    title: `${deed}${TITLES[fate]}`,
    detail: `${detail} ${FATES[fate]}`,
    remedy:
      entry.action === "rollback" ? afterRollback(entry, commands) : AFTER_WRITE[gives(entry) ? "given" : "taken"],
    about: added(entry),
    snippets: kind === "access-missing" || kind === "access-removed" ? ownSnippets(entry) : [],
    wayBack: entry.action === "rollback" ? [] : wayBack(entry, commands),
  };
  if ((kind !== "access-missing" && kind !== "access-removed") || agents.length === 0)
    return [writtenFinding(kind, fate, parts)];
  return agents.map(({ id, name }) =>
    writtenFinding(kind, fate, {
      ...parts,
      title: `${deed.replace("its agents need", `agent "${plain(name)}" needs`)}${TITLES[fate]}`,
      agents: [id],
      which: [id],
    }),
  );
}

type WrittenKind = Extract<
  FindingKind,
  "access-missing" | "access-removed" | "access-unneeded" | "policy-restored" | "policy-rolled-back"
>;

function writtenFinding(
  kind: WrittenKind,
  fate: Fate,
  parts: Omit<Parameters<typeof finding>[0], "kind" | "severity">,
): Finding {
  const severity = fate === "stands" ? "medium" : "high";
  return finding({ kind, severity: kind === "policy-restored" ? "critical" : severity, ...parts });
}

interface Written {
  readonly kind: WrittenKind;
  readonly deed: string;
  readonly detail: string;
}

const DEEDS: Readonly<Record<Exclude<JournalAction, "repair">, (entry: JournalEntry) => Written>> = {
  rollback: (entry) => ({
    kind: "policy-rolled-back",
    deed: `a person rolled the key policy back: ${plain(entry.by)} put back what stood before a write of the guard`,
    detail: "Agents on the key may fail: what the guard had added is gone with it.",
  }),
  restore: () => ({
    kind: "policy-restored",
    deed: "the guard put a lost policy back: it had overwritten what somebody put at the same moment, unread",
    detail:
      "KMS replaces the whole policy and has no version check. The guard put that policy again, with its own statements added.",
  }),
};

function deedOf(entry: JournalEntry): Written {
  if (entry.action !== "repair") return DEEDS[entry.action](entry);
  if (entry.regains.length > 0) {
    return {
      kind: "access-removed",
      deed: `the guard repaired the key policy: what its agents need had been taken out by ${undoneBy(entry)}`,
      detail:
        "The guard had given it before. Without it, the agents fail with an access error that does not name the key.",
    };
  }
  if (gives(entry)) {
    return {
      kind: "access-missing",
      deed: "the guard repaired the key policy: it lacked what its agents need",
      detail: "Without it, the agents fail with an access error that does not name the key.",
    };
  }
  return {
    kind: "access-unneeded",
    deed: "the guard took access out of the key policy: it let agents or roles that are gone use the key",
    detail: "It was confirmed twice that nothing needs it any more.",
  };
}

/** Rather than only taking away. */
function gives({ diff }: JournalEntry): boolean {
  return diff.some((line) => line.startsWith("+"));
}

const TITLES: Readonly<Record<Fate, string>> = {
  stands: "",
  overwritten: "; somebody has overwritten that",
  unknown: "; somebody has perhaps overwritten that",
};

const FATES: Readonly<Record<Fate, string>> = {
  stands: "KMS confirms the new policy.",
  overwritten: "Someone has put another policy since: look at who writes this key's policy.",
  unknown: "Whether KMS took that is not known, since someone has put another policy meanwhile: look at who writes it.",
};

/** Its owner's next deployment makes undone what stands in the key's policy only. */
const AFTER_WRITE = {
  given: [
    "Put the same statements where this key's policy is defined (Terraform, CloudFormation, CDK, a console): its next deployment removes them otherwise.",
  ],
  taken: [
    "If the same statements stand where this key's policy is defined (Terraform, CloudFormation, CDK), take the same out there: its next deployment brings it back otherwise.",
  ],
} as const;

function wayBack(entry: JournalEntry, commands: OperatorCommands): readonly string[] {
  return [
    "If the change is not wanted, put the former policy back. The guard then leaves the key alone until you let it write again:",
    commands.rollback(entry),
  ];
}

function afterRollback(entry: JournalEntry, commands: OperatorCommands): readonly string[] {
  return [
    "The guard does not write to this key until someone lets it, and its agents may fail meanwhile:",
    commands.resumeKey(entry.key),
  ];
}

/** Whom it added, by their ARNs. */
function added({ diff }: JournalEntry): readonly string[] {
  return diff.filter((line) => line.startsWith("+")).flatMap((line) => line.match(/arn:[^"]+/g) ?? []);
}

/** What the guard gives on the key, for the owner to take over. */
function ownSnippets({ after }: JournalEntry): readonly string[] {
  const parsed = parsePolicy(after);
  if (parsed.kind !== "policy") return [];
  const statements = statementsFor(readOwnStatements(parsed.policy).access);
  return snippets(statements).flatMap(({ tool, where, text }) => [`${tool}, in ${where}:`, text]);
}

/** Enough of a key's id to recognise it. */
export function shortId(key: KeyArn): string {
  return partsOf(key).resource.replace("key/", "").slice(0, 8);
}
