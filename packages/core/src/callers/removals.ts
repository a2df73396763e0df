/** Access is taken away only where that is certain: agents are read live first, and the tags of keys that no agent is on. */
import type { KeyArn } from "../arn.ts";
import { effectiveMode } from "../key/rails.ts";
import type { Agents, Clock, Keys } from "../ports.ts";
import { keysOf } from "../requirements/appearances.ts";
import type { IamAccount } from "./account.ts";
import type { Gathered, GatherPorts } from "./gather.ts";
import { notGone } from "./gone.ts";
import { needName, needNames } from "./need.ts";
import { type CallerPlan, type Need, type PlanSettings, planCaller } from "./plan.ts";
import { policiesOf } from "./policies.ts";
import type { CallerReview } from "./review.ts";

export interface RemovalPorts extends GatherPorts {
  readonly agents: Agents;
  readonly keys: Keys;
  readonly clock: Clock;
}

export interface Confirmed {
  readonly callers: readonly CallerReview[];
  /** Why some of it has to be looked at again. */
  readonly again: string | undefined;
}

/** The callers' plans, without taking away what is not certain to be unneeded. */
export async function confirmRemovals(
  callers: readonly CallerReview[],
  account: IamAccount,
  gathered: Gathered,
  ports: RemovalPorts,
  settings: Omit<PlanSettings, "judged">,
): Promise<Confirmed> {
  const inUse = needNames(
    gathered.agents.flatMap(({ agent }) => keysOf(agent).map((key) => ({ key, agent: agent.arn }))),
  );
  const removes = new Map(callers.flatMap(({ plan }) => removesOf(plan).map((need) => [needName(need), need])));
  // An agent that is on the key was judged: that is why its access goes.
  const unseen = [...removes.values()].filter((need) => !inUse.has(needName(need)));
  const alone = await leftAlone(unseen, gathered, ports, settings);
  const staying = await notGone(
    unseen.filter(({ key }) => !alone.has(key)),
    ports,
  );
  const kept = needNames([...staying.map(({ need }) => need), ...unseen.filter(({ key }) => alone.has(key))]);
  const among = (need: Need) => gathered.among(need) && !kept.has(needName(need));
  const replanned = callers.map((one): CallerReview => {
    if (!removesOf(one.plan).some((need) => kept.has(needName(need)))) return one;
    const plan = planCaller(one.identity, policiesOf(account, one.identity), one.judgements, {
      ...settings,
      judged: { kind: "these", among },
    });
    return { ...one, plan };
  });
  // One that can't be read is no other in some minutes: the sweep comes by it.
  const again = staying.some(({ why }) => why !== "unreadable");
  return {
    callers: replanned,
    again: again ? "agents that seemed to be gone are there, or are still to be read" : undefined,
  };
}

function removesOf(plan: CallerPlan): readonly Need[] {
  return plan.kind === "put" || plan.kind === "remove" ? plan.removes : [];
}

/** Keys that no agent is on any more, and whose tags say that the guard has to leave them alone, or can't be read. */
async function leftAlone(
  needs: readonly Need[],
  gathered: Gathered,
  ports: Pick<RemovalPorts, "keys">,
  { modeTag }: Pick<PlanSettings, "modeTag">,
): Promise<ReadonlySet<KeyArn>> {
  const alone = new Set<KeyArn>();
  for (const key of new Set(needs.map((need) => need.key))) {
    if (gathered.keys.has(key)) continue;
    const tags = await ports.keys.tags(key);
    if (tags.kind === "denied") alone.add(key);
    else if (tags.kind === "found" && effectiveMode("enforce", modeTag, tags.tags).mode !== "enforce") alone.add(key);
  }
  return alone;
}
