/**
 * One key, start to end: gather, judge, plan, rails, write, verify, record, tell. Reads live state, never trusts the
 * event that caused it, and may be run any number of times: when everything is as it should be, it does nothing.
 */
import { type AgentId, accountOf } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { broaderFindings, documentedStatement, findingsOf, foreignKey } from "../finding/findings.ts";
import { parsePolicy } from "../policy/document.ts";
import type { Agent, Key } from "../ports.ts";
import { requirementsOf } from "../requirements/instance.ts";
import { broaderStatements } from "./broader.ts";
import { confirmAgents } from "./confirm.ts";
import { settleFormerWrite } from "./former-write.ts";
import { type GatheredAgents, gatherAgents } from "./gather.ts";
import { hindranceToWrite, modeFor } from "./hindrance.ts";
import type { KeyJob } from "./job.ts";
import { type Judgement, judgeKey } from "./judge.ts";
import { withKnownRoles } from "./known-roles.ts";
import {
  conclude,
  type Look,
  later,
  MAX_ATTEMPTS,
  type ReconcilePorts,
  type ReconcileSettings,
  unfinished,
} from "./look.ts";
import { orphanedPrincipals } from "./orphans.ts";
import type { Outcome } from "./outcome.ts";
import { type Patch, planPatch } from "./plan.ts";
import * as problem from "./problems.ts";
import { keyOfAnotherRegion, unsuitable } from "./suitable.ts";
import { tellRepair } from "./tell.ts";
import { writePatch } from "./write.ts";

/** KMS refuses principals that it does not see yet; after about four minutes it is something else. */
const MAX_REFUSED_ATTEMPTS = 4;
/** Whatever changes under the guard's hands this often within one look is left for a later one. */
const MAX_ROUNDS = 4;

/** The same look has to start over: something changed since it began. */
interface Again {
  readonly kind: "again";
  readonly look: Look;
}

export async function reconcileKey(job: KeyJob, ports: ReconcilePorts, settings: ReconcileSettings): Promise<Outcome> {
  if (settings.mode === "off") return { kind: "skipped", reason: "the deployment's mode is off" };

  const patient = job.attempt < MAX_ATTEMPTS;
  const gathered = await gatherAgents(job.key, job.agents, patient, ports);
  await lookAtOtherKeys(job, gathered, ports);
  const latest = await ports.journal.latest(job.key);
  const look: Look = {
    job,
    ports,
    settings,
    patient,
    agents: gathered.settled,
    live: gathered.live,
    latest,
    findings: [
      ...gathered.denied.map(({ id, message }) => problem.agentUnreadable(job.key, id, message)),
      ...gathered.keyless.map((agent) => problem.lostKey(job.key, agent)),
    ],
    waiting: patient && gathered.unsettled.length > 0 ? [`agent ${gathered.unsettled.join(", ")} is not settled`] : [],
  };

  const former = await settleFormerWrite(latest, look.agents, ports, settings);
  if (former.kind === "not-visible-yet" && patient) return later(look, "KMS does not show the guard's last write yet");
  return lookAtKey(look);
}

/** What can be said without the key's policy, then the policy. */
async function lookAtKey(look: Look): Promise<Outcome> {
  const { job, agents, ports, settings } = look;
  if (agents.length === 0) return conclude(look, []);
  if (accountOf(job.key) !== settings.account) {
    return conclude(look, [foreignKey(job.key, agents, statementsFor(look))]);
  }
  const elsewhere = keyOfAnotherRegion(job.key, agents);
  if (elsewhere) return conclude(look, [elsewhere]);

  const described = await ports.keys.describe(job.key);
  if (described.kind === "not-found" && job.attempt === 0) return later(look, "KMS does not know the key yet");
  if (described.kind !== "found") return conclude(look, [problem.keyNotReadable(job.key, agents, described)]);
  const { mode, hindrance } = await modeFor(job.key, ports, settings);
  if (mode === "off") return { kind: "skipped", reason: hindrance ?? "the mode is off" };
  const misfit = unsuitable(described.key, settings.account, agents);
  if (misfit) return conclude(look, [misfit]);

  let current = look;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const outcome = await judgeAndRepair(current, described.key, hindrance);
    if (outcome.kind !== "again") return outcome;
    current = outcome.look;
  }
  return unfinished(current, "the policy or the agents changed each time that the guard was about to write");
}

/** From the policy as it is now to an outcome, or to the news that something is not as it was. */
async function judgeAndRepair(begun: Look, key: Key, hindrance: string | undefined): Promise<Outcome | Again> {
  const { job, agents, ports } = begun;
  const read = await ports.keys.policy(job.key);
  if (read.kind !== "found") {
    return conclude(begun, [problem.policyNotReadable(job.key, agents, read, statementsFor(begun))]);
  }
  const parsed = parsePolicy(read.text);
  if (parsed.kind === "malformed") return conclude(begun, [problem.policyMalformed(job.key, agents, parsed.reason)]);

  const judgements = judgeKey(parsed.policy, key, agents);
  const roles = await withKnownRoles(job.key, judgements, begun.patient, ports);
  const plan = planPatch(parsed.policy, key, roles.access, judgements);
  const look: Look = {
    ...begun,
    waiting: [...begun.waiting, ...roles.waitingFor.map((role) => `IAM does not know ${role} yet`)],
  };
  const broader = broaderFindings(broaderStatements(parsed.policy, key, agents), job.key, agents);
  const problems = [
    ...findingsOf(judgements, job.key),
    ...broader,
    ...problem.roleless(job.key, agents),
    ...roles.findings,
  ];
  ports.log.info("a key was judged", { key: job.key, verdicts: countVerdicts(judgements), plan: plan.kind });
  switch (plan.kind) {
    case "nothing":
      return conclude(look, problems);
    case "too-long":
      return conclude(look, [...problems, problem.policyFull(job.key, agents, plan.bytes, plan.patch)]);
    case "no-safe-patch":
      return conclude(look, [...problems, problem.noSafePatch(job.key, agents, plan.reason)]);
    case "patch":
      break;
    default:
      return plan satisfies never;
  }
  const { patch } = plan;

  const orphans = orphanedPrincipals(parsed.policy);
  if (orphans.length > 0) return conclude(look, [...problems, problem.orphaned(job.key, agents, orphans, patch)]);
  const changed = await confirm(begun, patch);
  if (changed) return changed;
  const held = hindrance ?? (await hindranceToWrite(job.key, ports));
  if (held) {
    const findings = [...problems, problem.heldBack(job.key, agents, held, patch)];
    return conclude(look, findings, { kind: "proposed", reason: held, findings }, patch.diff);
  }
  return repair(look, read.text, patch, problems);
}

/** Reads live whom the patch is for; what is not as the inventory has it starts the look over. */
async function confirm(look: Look, patch: Patch): Promise<Again | undefined> {
  const { job, ports } = look;
  const confirmed = await confirmAgents(patch.adds, look.agents, look.live, ports);
  switch (confirmed.kind) {
    case "as-known":
      return undefined;
    case "denied": {
      const findings = [...look.findings, problem.agentUnreadable(job.key, confirmed.id, confirmed.message)];
      return {
        kind: "again",
        look: { ...look, findings, agents: look.agents.filter(({ id }) => id !== confirmed.id) },
      };
    }
    case "changed": {
      const gathered = await gatherAgents(job.key, [], look.patient, ports);
      const live = new Set([...look.live, ...confirmed.seen]);
      const agents = gathered.settled.filter(({ id }) => !isUnreadable(look, id));
      return { kind: "again", look: { ...look, live, agents } };
    }
    default:
      return confirmed satisfies never;
  }
}

/** Told as unreadable in this look: nothing is written for it, whatever the inventory remembers. */
function isUnreadable(look: Look, id: AgentId): boolean {
  return look.findings.some((finding) => finding.kind === "agent-unreadable" && finding.agents.includes(id));
}

async function repair(
  look: Look,
  before: string,
  patch: Patch,
  problems: readonly Finding[],
): Promise<Outcome | Again> {
  const { job, agents, ports, settings, latest } = look;
  const written = await writePatch({ key: job.key, before, patch, causes: job.causes, latest }, ports);
  switch (written.kind) {
    case "changed-meanwhile":
      ports.log.info("the policy changed between judgement and write; judging again", { key: job.key });
      return { kind: "again", look };
    case "throttled":
      return unfinished(look, "KMS takes no more calls for the moment");
    case "unverified":
      return unfinished(look, "KMS does not show the new policy");
    case "refused":
      // A principal that was created seconds ago is not visible to KMS yet, and is refused like one that does not exist.
      if (written.code === "MalformedPolicyDocumentException" && job.attempt < MAX_REFUSED_ATTEMPTS) {
        return later(look, `KMS refused the policy for now: ${written.message}`);
      }
      return conclude(look, [...problems, problem.writeRefused(job.key, agents, written, patch)]);
    case "verified": {
      await tellRepair(written.entry, helped(patch, agents), "stands", ports, settings);
      const findings = [...look.findings, ...problems];
      return conclude(look, problems, { kind: "repaired", entry: written.entry, findings });
    }
    default:
      return written satisfies never;
  }
}

/** The agents that the patch was made for. */
function helped(patch: Pick<Patch, "adds">, agents: readonly Agent[]): readonly Agent[] {
  const { adds } = patch;
  const mine = agents.filter(
    (agent) => adds.agents.includes(agent.arn) || (agent.roleArn !== undefined && adds.roles.includes(agent.roleArn)),
  );
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

/** A hinted agent that uses another key by now: its key is looked at for it. */
async function lookAtOtherKeys(job: KeyJob, { moved }: GatheredAgents, ports: ReconcilePorts): Promise<void> {
  for (const { id, key } of moved) {
    await ports.later.lookAgain({ key, agents: [id], causes: job.causes, attempt: 0 }, 0);
  }
}

/** The documented statements for the key's owner, one for each requirement and agent. */
function statementsFor({ job, agents }: Look): readonly string[] {
  return requirementsOf(job.key, agents).map(documentedStatement);
}
