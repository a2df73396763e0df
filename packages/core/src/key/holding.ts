/** Keys that the guard keeps its hands off: what is told of them, and when it comes to that by itself. */
import type { Finding } from "../finding/finding.ts";
import { actorText } from "../finding/render.ts";
import type { Hold } from "../ports.ts";
import { contestedSince, MOST_REMOVALS, removals } from "./contest.ts";
import { holds } from "./hindrance.ts";
import type { Look } from "./look.ts";
import { NO_ACCESS, type OwnAccess, union } from "./own-access.ts";
import { statementsFor } from "./own-statements.ts";
import type { Plan } from "./plan.ts";
import * as writing from "./problems-of-writing.ts";

/** What is told of a hold while it lasts. One that was set for a contest ends when the policy has what it needs. */
export async function standingHold(
  look: Look,
  hold: Hold | undefined,
  plan: Plan,
  given: OwnAccess,
): Promise<readonly Finding[]> {
  if (!hold || !holds(hold)) return [];
  const { job, agents, ports, waiting } = look;
  const resume = ports.commands.resumeKey(job.key);
  if (hold.kind !== "contest") return [writing.onHold(job.key, agents, hold, resume)];
  if (plan.kind === "nothing" && waiting.length === 0) {
    await ports.holds.lift(job.key);
    return [];
  }
  const patch = plan.kind === "patch" || plan.kind === "too-long" ? plan.patch : undefined;
  const statements = statementsFor(union(given, patch?.adds ?? NO_ACCESS));
  return [writing.contested(job.key, agents, hold, statements, ports.commands, patch)];
}

/** Where this would give again what others keep taking out, the key is put on hold: a person has to decide. */
export async function newContest(
  look: Look,
  hold: Hold | undefined,
  regains: readonly string[],
): Promise<Hold | undefined> {
  const { job, ports } = look;
  const now = ports.clock.now();
  if (regains.length === 0) return undefined;
  const count = removals(await ports.journal.since(job.key, contestedSince(hold, now)), regains);
  if (count < MOST_REMOVALS) return undefined;
  const puts = job.causes.flatMap((c) => (c.kind === "event" && c.eventName === "PutKeyPolicy" ? [c.actor] : []));
  const last = puts.at(-1);
  const by = last ? actorText(last) : "somebody whose call CloudTrail did not tell of";
  const reason = `The guard's statements were taken out ${count} times within a day`;
  const contest: Hold = { kind: "contest", by, reason, at: now };
  await ports.holds.set(job.key, contest);
  return contest;
}
