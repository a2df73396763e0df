/**
 * One key, start to end: gather, judge, plan, rails, write, verify, record, tell. Reads live state, never trusts the
 * event that caused it, and may be run any number of times: when everything is as it should be, it does nothing.
 */
import { accountOf } from "../arn.ts";
import { foreignKey } from "../finding/findings.ts";
import { settleFormerWrite } from "./former-write.ts";
import { type GatheredAgents, gatherAgents } from "./gather.ts";
import { modeFor } from "./hindrance.ts";
import type { KeyJob } from "./job.ts";
import {
  conclude,
  giveUp,
  isAbandoned,
  type Look,
  later,
  MAX_ATTEMPTS,
  type ReconcilePorts,
  type ReconcileSettings,
  statementsFor,
  unfinished,
  type Waiting,
} from "./look.ts";
import type { Outcome } from "./outcome.ts";
import * as problem from "./problems.ts";
import { judgeAndRepair } from "./repair.ts";
import { keyOfAnotherRegion, unsuitable } from "./suitable.ts";

/** Whatever changes under the guard's hands this often within one look is left for a later one. */
const MAX_ROUNDS = 4;

export async function reconcileKey(job: KeyJob, ports: ReconcilePorts, settings: ReconcileSettings): Promise<Outcome> {
  if (settings.mode === "off") return { kind: "skipped", reason: "the deployment's mode is off" };

  const patient = job.attempt < MAX_ATTEMPTS;
  const gathered = await gatherAgents(job, job.agents, patient, ports);
  const departed = await ports.inventory.departedFrom(job.key);
  const latest = await ports.journal.latest(job.key);
  const isProved = job.causes.some((cause) => latest && cause.kind === "event" && cause.entry === latest.id);
  const former = await settleFormerWrite(latest, gathered.settled, ports, isProved);
  const look: Look = {
    job,
    ports,
    settings,
    patient,
    agents: gathered.settled,
    onKey: gathered.onKey,
    live: gathered.live,
    latest: former.kind === "settled" ? former.latest : latest,
    reserved: false,
    restoring: undefined,
    foreignIsSettled: false,
    foreign: undefined,
    findings: [
      ...gathered.denied.map(({ id, message }) => problem.agentUnreadable(job.key, id, message)),
      ...problem.departures(job.key, departed, ports.clock.now()),
    ],
    waiting: patient ? waitingFor(gathered) : [],
  };
  if (former.kind === "not-visible-yet" && patient) return later(look, "KMS does not show the guard's last write yet");
  return lookAtKey(look);
}

function waitingFor({ unsettled, unread }: GatheredAgents): readonly Waiting[] {
  return [
    ...(unsettled.length > 0 ? [{ reason: `agent ${unsettled.join(", ")} is not settled`, unseen: true }] : []),
    ...(unread.length > 0 ? [{ reason: `${unread.length} agents are still to be read`, unseen: true }] : []),
  ];
}

/** What can be said without the key's policy, then the policy. */
async function lookAtKey(look: Look): Promise<Outcome> {
  const { job, agents, onKey, latest, ports, settings } = look;
  // Where the guard once wrote and no agent is left, its statements may have to go.
  if (onKey.length === 0 && latest === undefined) return isAbandoned(look) ? giveUp(look) : conclude(look, []);
  if (accountOf(job.key) !== settings.account) {
    return conclude(look, agents.length > 0 ? [foreignKey(job.key, agents, statementsFor(look))] : []);
  }
  const elsewhere = keyOfAnotherRegion(job.key, agents);
  if (elsewhere) return conclude(look, [elsewhere]);

  const described = await ports.keys.describe(job.key);
  if (described.kind === "not-found" && job.attempt === 0) return later(look, "KMS does not know the key yet");
  if (described.kind !== "found") {
    return conclude(look, agents.length > 0 ? [problem.keyNotReadable(job.key, agents, described)] : []);
  }
  const { mode, hindrance } = await modeFor(job.key, ports, settings);
  if (mode === "off") return { kind: "skipped", reason: hindrance?.reason ?? "the mode is off" };
  const misfit = unsuitable(described.key, settings.account, agents);
  if (misfit) return conclude(look, agents.length > 0 ? [misfit] : []);

  let current = look;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const outcome = await judgeAndRepair(current, described.key, hindrance);
    if (outcome.kind !== "again") return outcome;
    current = outcome.look;
  }
  return unfinished(current, "the policy or the agents changed each time that the guard was about to write");
}
