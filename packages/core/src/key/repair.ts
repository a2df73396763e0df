/**
 * From the policy as it is now to an outcome: judge, plan, ask the rails, write, tell. Or to the news that something is
 * not as it was, and the look has to start over.
 */
import type { AgentId } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { broaderFindings, findingsOf } from "../finding/findings.ts";
import { type PolicyDocument, parsePolicy } from "../policy/document.ts";
import type { Agent, Hold, Key } from "../ports.ts";
import { requirementsOf } from "../requirements/instance.ts";
import { profile } from "../requirements/profiles.ts";
import { broaderStatements } from "./broader.ts";
import { reserveWrite } from "./budget.ts";
import { confirmAgents, isFor } from "./confirm.ts";
import { regainedBy } from "./contest.ts";
import { diffPolicies } from "./diff-policies.ts";
import { settleForeignWrites, tellNotRestored } from "./foreign-told.ts";
import { gatherAgents } from "./gather.ts";
import { type Hindrance, hindranceToWrite, holds } from "./hindrance.ts";
import { newContest, standingHold } from "./holding.ts";
import { type KeyJob, wholeSweeps } from "./job.ts";
import { type Judgement, judgeKey } from "./judge.ts";
import { withKnownRoles } from "./known-roles.ts";
import { CONSISTENT_AFTER_MS, mayBeStale } from "./last-put.ts";
import { conclude, giveUp, isAbandoned, type Look, later, statementsFor, unfinished } from "./look.ts";
import { orphanedPrincipals } from "./orphans.ts";
import type { Outcome } from "./outcome.ts";
import { accessNeeded, isEmpty, NO_ACCESS, type OwnAccess, union } from "./own-access.ts";
import { type OwnStatements, statementsFor as ownStatements, readOwnStatements } from "./own-statements.ts";
import { type Patch, type Plan, planPatch } from "./plan.ts";
import * as problem from "./problems.ts";
import * as writing from "./problems-of-writing.ts";
import { pruneStale } from "./prune.ts";
import { tellWrite } from "./tell.ts";
import { THE_GUARD, writePolicy } from "./write.ts";

/** KMS refuses principals that it does not see yet; after about four minutes it is something else. */
const MAX_REFUSED_ATTEMPTS = 4;

/** The same look has to start over: something changed since it began. */
export interface Again {
  readonly kind: "again";
  readonly look: Look;
}

export async function judgeAndRepair(
  begun: Look,
  key: Key,
  hindrance: Hindrance | undefined,
): Promise<Outcome | Again> {
  const { job, agents, ports } = begun;
  const hold = await ports.holds.of(job.key);
  const read = await ports.keys.policy(job.key);
  if (read.kind !== "found") {
    if (agents.length === 0) return conclude(begun, []);
    return conclude(begun, [problem.policyNotReadable(job.key, agents, read, statementsFor(begun))]);
  }
  const mayWrite = hindrance === undefined && !(hold && holds(hold));
  const settled = await settleForeignWrites(begun, read.text, mayWrite);
  const judged = await judgePolicy(settled, key, read.text);
  if (judged.kind !== "judged") return judged;

  const { look, own, change } = judged;
  const standing = await standingHold(look, hold, change, own.access);
  const problems = [...judged.problems, ...standing];
  if (change.kind !== "patch") {
    if (look.restoring) return withoutRestoring(settled);
    const isOver = change.kind === "nothing" && isEmpty(own.access) && own.edited.length === 0 && isAbandoned(look);
    return isOver ? giveUp(look) : concludeUnchanged(look, problems, change, own.edited.length > 0);
  }
  const changed = await confirm(look, settled, change.patch);
  if (changed) return changed;
  const held = hindrance ?? (await hindranceToWrite(job.key, hold, ports));
  if (!held) return underRails(judged, settled, hold, read.text, problems);
  if (look.restoring) return withoutRestoring(settled);
  // A contest that stands says the same, and what to do about it.
  const isTold = hindrance === undefined && hold?.kind === "contest";
  const more = isTold ? [] : [writing.heldBack(job.key, agents, held, change.patch)];
  return proposed(look, [...problems, ...more], held.reason);
}

interface Judged {
  readonly kind: "judged";
  readonly look: Look;
  readonly own: OwnStatements;
  readonly change: Plan;
  readonly problems: readonly Finding[];
}

/** What the policy lacks and has too much, and what would be written. What is put back is judged in the live one's place. */
async function judgePolicy(settled: Look, key: Key, live: string): Promise<Judged | Outcome | Again> {
  const { job, agents, patient, ports } = settled;
  const base = settled.restoring?.policy ?? live;
  const parsed = parsePolicy(base);
  if (parsed.kind === "malformed") {
    if (settled.restoring) return withoutRestoring(settled);
    return conclude(settled, [problem.policyMalformed(job.key, agents, parsed.reason)]);
  }
  const { policy } = parsed;
  const needs = profile(settled.settings.profile);
  const judgements = judgeKey(policy, key, agents, needs);
  const roles = await withKnownRoles(job.key, judgements, patient, ports);
  const pruning = await prune(settled, policy);
  if (pruning.kind === "again") return pruning;
  const adds = union(roles.access, carriedOver(settled, live));
  const plan = planPatch(policy, key, adds, judgements, pruning.drops);
  ports.log.info("a key was judged", { key: job.key, verdicts: countVerdicts(judgements), plan: plan.kind });
  const change = settled.restoring ? restoration(plan, live, base) : plan;

  const unknownRoles = roles.waitingFor.map((role) => ({ reason: `IAM does not know ${role} yet`, unseen: true }));
  const look: Look = { ...settled, waiting: [...settled.waiting, ...unknownRoles, ...pruning.waiting] };
  const own = readOwnStatements(policy);
  const problems = [
    ...findingsOf(judgements, job.key),
    ...broaderFindings(broaderStatements(policy, key, agents, needs), job.key, agents),
    ...problem.roleless(job.key, agents),
    ...roles.findings,
    ...writing.ownEdited(job.key, agents, own.edited, !isEmpty(roles.access)),
  ];
  const orphans = orphanedPrincipals(policy);
  if (change.kind !== "patch" || orphans.length === 0) return { kind: "judged", look, own, change, problems };
  if (settled.restoring) return withoutRestoring(settled);
  return conclude(look, [...problems, writing.orphaned(job.key, agents, orphans, change.patch)]);
}

/** The change is known, and the guard may write: unless it is a contest, the budget is spent, or the reading is old. */
async function underRails(
  { look, own, change }: Judged,
  settled: Look,
  hold: Hold | undefined,
  live: string,
  problems: readonly Finding[],
): Promise<Outcome | Again> {
  if (change.kind !== "patch") throw new Error("there is nothing to write");
  const { patch } = change;
  const { job, agents, ports, settings } = look;
  if (await isStale(look, live)) return unfinished(look, "KMS does not show the last policy that was put yet");
  // What is missing from a policy that the guard had not read was not taken out.
  const regains = look.restoring ? [] : regainedBy(patch.adds, look.latest);
  const contest = await newContest(look, hold, regains);
  if (contest) {
    const statements = ownStatements(union(own.access, patch.adds));
    const finding = writing.contested(job.key, agents, contest, statements, ports.commands, patch);
    return proposed(look, [...problems, finding], contest.reason);
  }
  const reserved = look.reserved
    ? ({ kind: "reserved" } as const)
    : await reserveWrite(job.key, settings.budgets, ports);
  if (reserved.kind === "reserved") {
    return write(look, { ...settled, reserved: true }, { before: live, patch, regains }, problems);
  }
  if (look.restoring) return withoutRestoring(settled);
  const finding = writing.budgetSpent(job.key, agents, reserved, patch, ports.commands.history(job.key));
  return proposed(untilNextHour(look), [...problems, finding], "the write budget of the hour is spent");
}

/** Whether somebody's policy, or the guard's own last one, would be written over without having been read. */
async function isStale({ job, latest, foreign, ports }: Look, live: string): Promise<boolean> {
  const now = ports.clock.now();
  const since = new Date(Date.parse(now) - 2 * CONSISTENT_AFTER_MS).toISOString();
  return mayBeStale(live, latest, foreign ?? (await ports.foreignWrites.since(job.key, since)), now);
}

/** What would be written, and was not. */
function proposed(look: Look, problems: readonly Finding[], reason: string): Promise<Outcome> {
  const findings = [...look.findings, ...problems];
  return conclude(look, problems, { kind: "proposed", reason, findings });
}

function untilNextHour(look: Look): Look {
  if (!look.patient) return look;
  const waiting = { reason: "the write budget of the hour is spent", unseen: false, seconds: 900 };
  return { ...look, waiting: [...look.waiting, waiting] };
}

/** The overwritten policy can't be put back: it is told, and the live policy is judged in its place. */
async function withoutRestoring(settled: Look): Promise<Again> {
  await tellNotRestored(settled);
  return { kind: "again", look: { ...settled, restoring: undefined } };
}

/** What the live policy gives goes with the policy that is put back: agents that this look does not judge need it too. */
function carriedOver({ restoring }: Look, live: string): OwnAccess {
  const parsed = restoring ? parsePolicy(live) : undefined;
  return parsed?.kind === "policy" ? readOwnStatements(parsed.policy).access : NO_ACCESS;
}

/** The overwritten policy goes back whether or not it lacks something. */
function restoration(plan: Plan, live: string, base: string): Plan {
  if (plan.kind !== "patch" && plan.kind !== "nothing") return plan;
  const text = plan.kind === "patch" ? plan.patch.text : base;
  const { adds, drops } = plan.kind === "patch" ? plan.patch : { adds: NO_ACCESS, drops: NO_ACCESS };
  return { kind: "patch", patch: { text, diff: diffPolicies(live, text), adds, drops } };
}

/** Where a whole sweep has asked for this look: when it began. */
function sweptSince({ causes }: KeyJob): string | undefined {
  return wholeSweeps(causes)
    .map(({ at }) => at)
    .sort()
    .at(-1);
}

async function prune(
  look: Look,
  policy: PolicyDocument,
): Promise<Again | { readonly kind: "pruned"; readonly drops: OwnAccess; readonly waiting: Look["waiting"] }> {
  const { job, onKey, live, ports, settings, patient } = look;
  const all = onKey.map(({ agent }) => agent);
  const pruning = await pruneStale(
    {
      key: job.key,
      given: readOwnStatements(policy).access,
      needed: accessNeeded(requirementsOf(job.key, all, profile(settings.profile))),
      agents: onKey,
      live,
      sweptSince: sweptSince(job),
      blind: look.waiting.some(({ unseen }) => unseen) || unreadable(look).length > 0 || look.restoring !== undefined,
    },
    ports,
  );
  if (pruning.kind === "changed") return gatherAgain(look, pruning.seen);
  const { drops, againInSeconds: seconds } = pruning;
  const waits = patient && seconds !== undefined;
  return {
    kind: "pruned",
    drops,
    waiting: waits ? [{ reason: "what seems to be gone is confirmed once more", unseen: false, seconds }] : [],
  };
}

function concludeUnchanged(
  look: Look,
  problems: readonly Finding[],
  plan: Exclude<Plan, { kind: "patch" }>,
  isEdited: boolean,
): Promise<Outcome> {
  const { job, agents } = look;
  switch (plan.kind) {
    case "nothing":
      return conclude(look, problems);
    case "too-long":
      return conclude(look, [...problems, writing.policyFull(job.key, agents, plan.bytes, plan.patch)]);
    case "no-safe-patch":
      return conclude(look, isEdited ? problems : [...problems, writing.noSafePatch(job.key, agents, plan.reason)]);
    default:
      return plan satisfies never;
  }
}

/** Reads live whom the patch is for; what is not as the inventory has it starts the look over. */
async function confirm(look: Look, begun: Look, patch: Patch): Promise<Again | undefined> {
  const { job, agents, live, ports } = look;
  if (isEmpty(patch.adds)) return undefined;
  const confirmed = await confirmAgents(job.key, patch.adds, agents, live, ports);
  switch (confirmed.kind) {
    case "as-known":
      return undefined;
    case "denied": {
      const findings = [...begun.findings, problem.agentUnreadable(job.key, confirmed.id, confirmed.message)];
      const others = begun.agents.filter(({ id }) => id !== confirmed.id);
      return { kind: "again", look: { ...begun, findings, agents: others } };
    }
    case "changed":
      return gatherAgain(begun, confirmed.seen);
    default:
      return confirmed satisfies never;
  }
}

async function gatherAgain(look: Look, seen: readonly AgentId[]): Promise<Again> {
  const { job, patient, ports } = look;
  const gathered = await gatherAgents(job, [], patient, ports);
  const denied = unreadable(look);
  const live = new Set([...look.live, ...seen]);
  return {
    kind: "again",
    look: { ...look, live, onKey: gathered.onKey, agents: gathered.settled.filter(({ id }) => !denied.includes(id)) },
  };
}

/** Told as unreadable in this look: nothing is written for them, whatever the inventory remembers. */
function unreadable(look: Look): readonly AgentId[] {
  return look.findings.flatMap((finding) => (finding.kind === "agent-unreadable" ? finding.agents : []));
}

/** @param begun - as the look was when the policy was judged, for the case that it has to start over */
async function write(
  look: Look,
  begun: Look,
  { before, patch, regains }: { readonly before: string; readonly patch: Patch; readonly regains: readonly string[] },
  problems: readonly Finding[],
): Promise<Outcome | Again> {
  const { job, agents, ports, latest, restoring } = look;
  const written = await writePolicy(
    {
      key: job.key,
      action: restoring ? "restore" : "repair",
      by: THE_GUARD,
      before,
      after: patch.text,
      diff: patch.diff,
      regains,
      causes: job.causes,
      latest,
    },
    ports,
  );
  switch (written.kind) {
    case "changed-meanwhile":
      ports.log.info("the policy changed between judgement and write; judging again", { key: job.key });
      return { kind: "again", look: { ...begun, restoring: undefined, foreignIsSettled: false } };
    case "throttled":
      return unfinished(look, "KMS takes no more calls for the moment");
    case "unverified":
      return unfinished(look, "KMS does not show the new policy");
    case "refused":
      // A principal that was created seconds ago is not visible to KMS yet, and is refused like one that does not exist.
      if (written.code === "MalformedPolicyDocumentException" && job.attempt < MAX_REFUSED_ATTEMPTS) {
        return later(look, `KMS refused the policy for now: ${written.message}`);
      }
      if (restoring) return withoutRestoring(begun);
      return conclude(look, [...problems, writing.writeRefused(job.key, agents, written, patch)]);
    case "verified": {
      await tellWrite(written.entry, helped(look, patch), "stands", ports);
      if (restoring) await ports.foreignWrites.settle(restoring);
      const findings = [...look.findings, ...problems];
      return conclude(look, problems, { kind: "repaired", entry: written.entry, findings });
    }
    default:
      return written satisfies never;
  }
}

/** The agents that the patch was made for. */
function helped({ job, agents }: Look, { adds }: Patch): readonly Agent[] {
  const mine = agents.filter((agent) => isFor(agent, job.key, adds));
  return mine.length > 0 ? mine : agents;
}

/** Such as `{ "service-sessions": { met: 4, missing: 1 } }`. */
function countVerdicts(judgements: readonly Judgement[]): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { requirement, verdict } of judgements) {
    const former = counts[requirement.id] ?? {};
    counts[requirement.id] = { ...former, [verdict.kind]: (former[verdict.kind] ?? 0) + 1 };
  }
  return counts;
}
