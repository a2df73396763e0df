/** The second half of a sweep: when every agent is read, every key of the inventory is looked at. */
import type { CallersQueue } from "../callers/ports.ts";
import type { SweepKeys } from "../ports.ts";
import type { SweepPorts } from "./sweep.ts";

export interface SweptKeys {
  readonly keys: number;
  /** Whether the sweep is over with this page. */
  readonly last: boolean;
  /** Whether the sweep is over with this page, and has seen every agent. */
  readonly finished: boolean;
}

export interface SweepKeysPorts
  extends Pick<SweepPorts, "inventory" | "keyQueue" | "sweepQueue" | "sweepLog" | "clock" | "log"> {
  /** Absent where callers are not looked after. */
  readonly callersQueue?: CallersQueue | undefined;
}

/**
 * Queues one page of keys, each once, then the next page or the end, when all callers are asked for once.
 *
 * A sweep that could not read every agent is not recorded as finished: what it did not see may be on any key.
 */
export async function sweepKeys(from: SweepKeys, ports: SweepKeysPorts): Promise<SweptKeys> {
  const { sweepId, startedAt, unread } = from;
  const { keys, more } = await ports.inventory.keys(from.after);
  const cause = { kind: "sweep", id: sweepId, at: startedAt, whole: unread === 0 } as const;
  for (const key of keys) await ports.keyQueue.lookAt({ key, agents: [], causes: [cause], attempt: 0 });

  if (more) {
    const after = keys.at(-1);
    if (!after) throw new Error("the inventory has more keys, and gave none of them; the sweep can't go on from there");
    await ports.sweepQueue.keys({ sweepId, startedAt, after, unread });
    return { keys: keys.length, last: false, finished: false };
  }
  const finished = unread === 0;
  if (finished) await ports.sweepLog.finished(sweepId, ports.clock.now());
  else ports.log.warn("a sweep has not seen every agent", { sweepId, unread });
  // Last, so that the review finds the sweep finished; a page that breaks off before comes again.
  await ports.callersQueue?.review(
    { scope: { kind: "everything" }, causes: [cause], iamSince: undefined, attempt: 0 },
    0,
  );
  return { keys: keys.length, last: true, finished };
}
