/**
 * One key, start to end: gather, judge, plan, rails, write, verify, record, tell. Reads live state, never trusts the
 * event that caused it, and may be run any number of times: when everything is as it should be, it does nothing.
 */
import { type AccountId, accountOf, type RoleArn } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { documentedStatement, findingsOf, foreignKey } from "../finding/findings.ts";
import { parsePolicy } from "../policy/document.ts";
import type {
  Agent,
  Agents,
  Alerts,
  Clock,
  Inventory,
  Journal,
  Key,
  Keys,
  KeyWriter,
  KillSwitch,
  LaterQueue,
  Log,
  Roles,
  ToldFindings,
} from "../ports.ts";
import { requirementsOf } from "../requirements/instance.ts";
import { gatherAgents } from "./gather.ts";
import type { KeyJob } from "./job.ts";
import { type Judgement, judgeKey } from "./judge.ts";
import { orphanedPrincipals } from "./orphans.ts";
import type { Outcome } from "./outcome.ts";
import { missingAccess, type Patch, planPatch } from "./plan.ts";
import * as problem from "./problems.ts";
import { effectiveMode, type Mode } from "./rails.ts";
import { unsuitable } from "./suitable.ts";
import { tellFindings, tellRepair } from "./tell.ts";
import { showsWrite, writePatch } from "./write.ts";

export interface ReconcilePorts {
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly keys: Keys;
  readonly writer: KeyWriter;
  readonly roles: Roles;
  readonly journal: Journal;
  readonly killSwitch: KillSwitch;
  readonly told: ToldFindings;
  readonly alerts: Alerts;
  readonly later: LaterQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ReconcileSettings {
  readonly account: AccountId;
  readonly mode: Mode;
  /** The name of the key tag that may lower the mode. */
  readonly modeTag: string;
}

/** How often something unfinished is looked at again before it is told: about 50 minutes, by the delays below. */
const MAX_ATTEMPTS = 8;
const MAX_DELAY_SECONDS = 900;
/** A key whose policy is being rewritten right now is left for a moment after this many tries. */
const MAX_REREADS = 3;

export async function reconcileKey(job: KeyJob, ports: ReconcilePorts, settings: ReconcileSettings): Promise<Outcome> {
  if (settings.mode === "off") return { kind: "skipped", reason: "the deployment's mode is off" };

  const { settled: agents, unsettled } = await gatherAgents(job.key, job.agents, ports);
  if (unsettled.length > 0 && job.attempt < MAX_ATTEMPTS) {
    return defer(job, ports, `agent ${unsettled.join(", ")} is still being created, updated or deleted`);
  }
  if (agents.length === 0) return conclude(job, agents, [], ports);
  if (accountOf(job.key) !== settings.account) {
    return conclude(job, agents, [foreignKey(job.key, agents, statementsFor(job, agents))], ports);
  }

  const described = await ports.keys.describe(job.key);
  if (described.kind !== "found")
    return conclude(job, agents, [problem.keyNotReadable(job.key, agents, described)], ports);
  const misfit = unsuitable(described.key, settings.account, agents);
  if (misfit) return conclude(job, agents, [misfit], ports);

  for (let reread = 0; reread < MAX_REREADS; reread++) {
    const outcome = await judgeAndRepair(job, described.key, agents, ports, settings);
    if (outcome !== "changed-meanwhile") return outcome;
  }
  return defer(job, ports, "the key's policy was changed by someone else each time the guard was about to write");
}

/** From the policy as it is now to an outcome, or to the news that the policy is another one by now. */
async function judgeAndRepair(
  job: KeyJob,
  key: Key,
  agents: readonly Agent[],
  ports: ReconcilePorts,
  settings: ReconcileSettings,
): Promise<Outcome | "changed-meanwhile"> {
  const read = await ports.keys.policy(job.key);
  if (read.kind !== "found") {
    return conclude(job, agents, [problem.policyNotReadable(job.key, agents, read, statementsFor(job, agents))], ports);
  }
  await finishFormerWrite(job, read.text, agents, ports, settings);

  const parsed = parsePolicy(read.text);
  if (parsed.kind === "malformed")
    return conclude(job, agents, [problem.policyMalformed(job.key, agents, parsed.reason)], ports);
  const judgements = judgeKey(parsed.policy, key, agents);
  const told = [...findingsOf(judgements, job.key), ...problem.roleless(job.key, agents)];

  const { access, waitingFor, findings } = await withKnownRoles(job, judgements, ports);
  const plan = planPatch(parsed.policy, key, access, judgements);
  const problems = [...told, ...findings];
  ports.log.info("a key was judged", { key: job.key, verdicts: countVerdicts(judgements), plan: plan.kind });
  switch (plan.kind) {
    case "nothing":
      if (waitingFor.length === 0) return conclude(job, agents, problems, ports);
      await tellFindings(job, agents, problems, [], ports);
      return defer(job, ports, `IAM does not know ${waitingFor.join(", ")} yet`);
    case "too-long":
      return conclude(job, agents, [...problems, problem.policyFull(job.key, agents, plan.bytes, plan.patch)], ports);
    case "no-safe-patch":
      return conclude(job, agents, [...problems, problem.noSafePatch(job.key, agents, plan.reason)], ports);
    case "patch":
      break;
    default:
      return plan satisfies never;
  }

  const orphans = orphanedPrincipals(parsed.policy);
  if (orphans.length > 0) {
    return conclude(job, agents, [...problems, problem.orphaned(job.key, agents, orphans, plan.patch)], ports);
  }
  const hindrance = await hindranceToWrite(job, ports, settings);
  if (hindrance) {
    const held = problem.heldBack(job.key, agents, hindrance, plan.patch);
    await tellFindings(job, agents, [...problems, held], plan.patch.diff, ports);
    return { kind: "proposed", reason: hindrance, findings: [...problems, held] };
  }
  const outcome = await repair(job, read.text, plan.patch, agents, problems, ports, settings);
  if (outcome !== "changed-meanwhile" && outcome.kind === "repaired" && waitingFor.length > 0) {
    await defer(job, ports, `IAM does not know ${waitingFor.join(", ")} yet`);
  }
  return outcome;
}

async function repair(
  job: KeyJob,
  before: string,
  patch: Patch,
  agents: readonly Agent[],
  problems: readonly Finding[],
  ports: ReconcilePorts,
  settings: ReconcileSettings,
): Promise<Outcome | "changed-meanwhile"> {
  const written = await writePatch(job.key, before, patch, job.causes, ports);
  switch (written.kind) {
    case "changed-meanwhile":
      ports.log.info("the policy changed between judgement and write; judging again", { key: job.key });
      return "changed-meanwhile";
    case "refused":
      // A principal that was created seconds ago is not visible to KMS yet, and is refused like one that does not exist.
      if (written.code === "MalformedPolicyDocumentException" && job.attempt < MAX_ATTEMPTS) {
        return defer(job, ports, `KMS refused the policy for now: ${written.message}`);
      }
      return conclude(job, agents, [...problems, problem.writeRefused(job.key, agents, written, patch)], ports);
    case "unverified":
      return defer(job, ports, "KMS does not show the new policy yet");
    case "verified":
      await tellRepair(written.entry, helped(patch, agents), ports, settings);
      await tellFindings(job, agents, problems, [], ports);
      return { kind: "repaired", entry: written.entry, findings: problems };
    default:
      return written satisfies never;
  }
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

/** The agents that the patch was made for. */
function helped(patch: Pick<Patch, "adds">, agents: readonly Agent[]): readonly Agent[] {
  const { adds } = patch;
  const mine = agents.filter(
    (agent) => adds.agents.includes(agent.arn) || (agent.roleArn !== undefined && adds.roles.includes(agent.roleArn)),
  );
  return mine.length > 0 ? mine : agents;
}

/**
 * A crash may have come between the write and its verification, or between that and the alert. The journal knows: what
 * stands in the policy was written and is told now; what does not was never put, or is overwritten.
 */
async function finishFormerWrite(
  job: KeyJob,
  live: string,
  agents: readonly Agent[],
  ports: ReconcilePorts,
  settings: ReconcileSettings,
): Promise<void> {
  const entry = await ports.journal.latest(job.key);
  if (!entry || (entry.state !== "opened" && entry.state !== "verified")) return;
  if (entry.state === "opened" && !showsWrite(live, entry)) {
    await ports.journal.advance(entry, "abandoned");
    return;
  }
  if (entry.state === "opened") await ports.journal.advance(entry, "verified");
  await tellRepair({ ...entry, state: "verified" }, agents, ports, settings);
}

/** What is missing, less the roles that IAM does not know: KMS refuses a policy that names one. */
async function withKnownRoles(job: KeyJob, judgements: readonly Judgement[], ports: ReconcilePorts) {
  const access = missingAccess(judgements);
  const roles: RoleArn[] = [];
  const waitingFor: RoleArn[] = [];
  const findings: Finding[] = [];
  for (const role of access.roles) {
    const needing = judgements.find((j) => j.subject.role === role)?.agents ?? [];
    if (accountOf(role) !== accountOf(job.key)) {
      findings.push(problem.roleUnknown(job.key, needing, role, "it belongs to another account than the key"));
      continue;
    }
    const known = await ports.roles.lookUp(role);
    if (known.kind === "known") roles.push(role);
    else if (known.kind === "unknown" && job.attempt < MAX_ATTEMPTS) waitingFor.push(role);
    else {
      const why =
        known.kind === "denied"
          ? `IAM refused the question: ${known.message}`
          : "IAM knows no role of this name and path";
      findings.push(problem.roleUnknown(job.key, needing, role, why));
    }
  }
  return { access: { ...access, roles }, waitingFor, findings };
}

/** Mode, tag and kill switch, in this order; undefined where the guard may write. Fails closed: no answer, no write. */
async function hindranceToWrite(
  job: KeyJob,
  ports: ReconcilePorts,
  settings: ReconcileSettings,
): Promise<string | undefined> {
  if (settings.mode !== "enforce") return `the deployment's mode is ${settings.mode}`;
  const tags = await ports.keys.tags(job.key);
  if (tags.kind !== "found") return "the key's tags could not be read, and one of them may forbid the write";
  const { mode, reason } = effectiveMode(settings.mode, settings.modeTag, tags.tags);
  if (mode !== "enforce") return reason ?? `the mode is ${mode}`;
  const killSwitch = await ports.killSwitch.read();
  return killSwitch.kind === "paused" ? `the guard is paused by ${killSwitch.by}: ${killSwitch.reason}` : undefined;
}

async function conclude(
  job: KeyJob,
  agents: readonly Agent[],
  findings: readonly Finding[],
  ports: ReconcilePorts,
): Promise<Outcome> {
  await tellFindings(job, agents, findings, [], ports);
  return findings.length === 0 ? { kind: "compliant" } : { kind: "alerted", findings };
}

async function defer(job: KeyJob, ports: ReconcilePorts, reason: string): Promise<Outcome> {
  const delay = Math.min(15 * 2 ** job.attempt, MAX_DELAY_SECONDS);
  await ports.later.lookAgain({ ...job, attempt: job.attempt + 1 }, delay);
  ports.log.info("looked at again later", { key: job.key, reason, delaySeconds: delay, attempt: job.attempt });
  return { kind: "deferred", reason };
}

/** The documented statements for the key's owner, one for each requirement and agent. */
function statementsFor(job: KeyJob, agents: readonly Agent[]): readonly string[] {
  return requirementsOf(job.key, agents).map(documentedStatement);
}
