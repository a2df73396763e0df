/** Telling people of callers: what stands is noted as findings with a life, what was written as something that happened. */
import { type AgentId, type CallerArn, partsOf } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { finding } from "../finding/findings.ts";
import { type Happening, REMEMBERED_MS } from "../finding/life.ts";
import { type NotePorts, noteFindings, noteHappenings } from "../finding/note.ts";
import type { Causes } from "../finding/record.ts";
import { actorText, plain } from "../finding/render.ts";
import type { Cause } from "../key/job.ts";
import { isObject, type JsonObject } from "../policy/json.ts";
import type { Agent, OperatorCommands } from "../ports.ts";
import { givesAgain } from "./contest.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import type { CallerCommands, CallerJournal, WritingNotes } from "./ports.ts";
import { callerSnippets } from "./snippets.ts";

export interface TellCallersPorts extends NotePorts {
  readonly writing: WritingNotes;
  readonly callerJournal: CallerJournal;
  readonly commands: OperatorCommands & CallerCommands;
}

/** What a review looks at. */
export interface Scene {
  readonly agents: readonly Agent[];
  /** ISO 8601. */
  readonly at: string;
}

/** Before the writes: after a crash, the next review knows whom to tell of. */
export async function noteWriting(
  callers: readonly CallerArn[],
  at: string,
  { writing }: Pick<TellCallersPorts, "writing">,
): Promise<void> {
  if (callers.length === 0) return;
  await writing.set([...new Set([...(await writing.of()), ...callers])].sort(), at);
}

export interface Seen {
  /** Whether the review looked at all callers: a problem that it does not see is then over. */
  readonly isComplete: boolean;
  readonly wrote: boolean;
  /** Callers that were noted: what became of the write to them is known, and told. */
  readonly settled: readonly string[];
}

export async function tellFindingsOfCallers(
  job: Pick<CallersJob, "causes">,
  findings: readonly Finding[],
  { isComplete, wrote, settled }: Seen,
  { agents, at }: Scene,
  ports: TellCallersPorts,
): Promise<void> {
  const mendedBy = wrote ? "guard" : "others";
  const names = namesOf(agents);
  await noteFindings({ subject: "callers", at, causes: job.causes, names, findings, isComplete, mendedBy }, ports);
  if (settled.length === 0) return;
  const before = await ports.writing.of();
  const left = before.filter((one) => !settled.includes(one));
  if (left.length < before.length) await ports.writing.set(left, at);
}

function namesOf(agents: readonly Agent[]): ReadonlyMap<AgentId, string> {
  return new Map(agents.map(({ id, name }) => [id, name]));
}

/** Notes what was written, then that it is told: whoever tells people does so from there. */
export async function tellWritten(
  entries: readonly CallerJournalEntry[],
  { agents, at }: Scene,
  ports: TellCallersPorts,
): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const happenings: Happening[] = [];
  for (const entry of entries) {
    const actor = (await isGivenAgain(entry, at, ports)) ? undoneBy(entry) : undefined;
    const finding = writtenFinding(entry, agents, actor, ports.commands);
    happenings.push({ finding, occurrence: `${entry.caller} ${entry.id}`, actor });
  }
  const seen = { subject: "callers", at, causes: causesOf(first, entries), names: namesOf(agents) } as const;
  await noteHappenings(happenings, seen, ports);
  for (const entry of entries) await ports.callerJournal.advance(entry, "told");
}

function causesOf({ causes }: CallerJournalEntry, entries: readonly CallerJournalEntry[]): Causes {
  const all = new Map(entries.flatMap((entry) => entry.causes).map((cause) => [cause.id, cause]));
  const [first = causes[0], ...others] = all.values();
  return [first, ...others];
}

async function isGivenAgain(
  entry: CallerJournalEntry,
  at: string,
  { callerJournal }: Pick<TellCallersPorts, "callerJournal">,
): Promise<boolean> {
  if (entry.action !== "give" || entry.after === undefined) return false;
  const since = new Date(Date.parse(at) - REMEMBERED_MS).toISOString();
  const entries = await callerJournal.since(entry.caller, since);
  const former = entries.filter(({ id, state }) => id < entry.id && (state === "put" || state === "told")).at(-1);
  return givesAgain(entry, former);
}

const REMOVALS: ReadonlySet<string> = new Set([
  "DeleteRolePolicy",
  "PutRolePolicy",
  "DeleteUserPolicy",
  "PutUserPolicy",
]);

/** Who took away what this write gives again, as far as events tell. */
function undoneBy({ causes }: CallerJournalEntry): string {
  const isRemoval = (cause: Cause) => cause.kind === "event" && REMOVALS.has(cause.eventName);
  const last = causes.filter(isRemoval).at(-1);
  // The same tool comes with another session each time.
  return last?.kind === "event"
    ? actorText({ ...last.actor, sessionName: undefined })
    : "somebody whose call CloudTrail did not tell of";
}

/** @param undoer - who had taken away what is given again */
function writtenFinding(
  entry: CallerJournalEntry,
  agents: readonly Agent[],
  undoer: string | undefined,
  commands: OperatorCommands & CallerCommands,
): Finding {
  const { caller, action, by, after, diff } = entry;
  const mentioned = diff.join("\n");
  const name = nameOf(caller);
  const kind = undoer === undefined ? "caller-access-changed" : "caller-access-removed";
  return finding({
    kind: action === "rollback" ? "policy-rolled-back" : kind,
    severity: "medium",
    about: diff,
    caller,
    agents: agents.filter(({ id }) => mentioned.includes(id)).map(({ id }) => id),
    diff,
    title:
      undoer === undefined
        ? titleOf(entry, name)
        : `the guard gave ${name} its access again: ${undoer} had taken it away`,
    detail:
      action === "rollback"
        ? `${plain(by)} put back what the guard's policy on ${plain(caller)} was before. InvokeAgent may fail for it.`
        : `Whoever invokes an agent needs the use of its key: ${plain(caller)} ${after === undefined ? "needs nothing of it any more" : "may invoke the agents below, and no others are named"}.`,
    remedy: action === "rollback" ? afterRollback(entry, commands) : AFTER_WRITE,
    snippets: snippetsOf(entry),
    wayBack:
      action === "rollback"
        ? []
        : [
            "If the change is not wanted, put back what was there. The guard then leaves that caller alone until you let it write again:",
            commands.rollback(entry),
          ],
  });
}

function titleOf({ action, after, before }: CallerJournalEntry, name: string): string {
  if (action === "rollback")
    return `a person rolled back the access of ${name}: the guard's policy is what it was before`;
  if (after === undefined) return `the guard took its policy from ${name}: it needs nothing of it any more`;
  return before === undefined
    ? `the guard gave ${name} the use of its agents' keys: it may invoke them, and lacked it`
    : `the guard changed what its policy gives ${name}: the use of the keys of agents that it may invoke`;
}

const AFTER_WRITE = [
  "Make the same change where the role or user is defined (Terraform, CloudFormation, CDK): a tool that looks after all inline policies of a role undoes it otherwise.",
];

function afterRollback({ caller }: CallerJournalEntry, commands: OperatorCommands & CallerCommands): readonly string[] {
  return [
    "The guard does not write to this caller until someone lets it, and InvokeAgent may fail for it meanwhile:",
    commands.resume(caller),
  ];
}

function snippetsOf({ caller, after }: CallerJournalEntry): readonly string[] {
  const document = after === undefined ? undefined : documentIn(after);
  if (!document) return [];
  const [kind, ...path] = partsOf(caller).resource.split("/");
  const identity = { kind: kind === "user" ? "user" : "role", name: path.at(-1) ?? "" } as const;
  return callerSnippets(identity, document).flatMap(({ tool, where, text }) => [`${tool}, ${where}:`, text]);
}

function documentIn(text: string): JsonObject | undefined {
  const document: unknown = JSON.parse(text);
  return isObject(document as never) ? (document as JsonObject) : undefined;
}

/** `role App`: the path is told with the ARN. */
function nameOf(caller: CallerArn): string {
  const [kind, ...path] = partsOf(caller).resource.split("/");
  return plain(`${kind} ${path.at(-1)}`);
}
