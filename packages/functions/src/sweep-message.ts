import { parseJson, parseSweepMessage, type SweepMessage } from "@bedrock-key-guard/aws/messages.ts";
import type { SweepKeys } from "@bedrock-key-guard/core/ports.ts";
import { checkSelf, type SelfPorts } from "@bedrock-key-guard/core/self/check.ts";
import { SOURCES, SOURCES_OF_KEYS } from "@bedrock-key-guard/core/self/trails.ts";
import { type SweepPorts, startSweep, sweepAgent, sweepPage } from "@bedrock-key-guard/core/sweep/sweep.ts";
import { type SweepKeysPorts, sweepKeys } from "@bedrock-key-guard/core/sweep/sweep-keys.ts";
import type { SQSRecord } from "aws-lambda";
import type { GuardMetrics } from "./lib/metrics.ts";
import { done, type Handled } from "./lib/partial-batch.ts";

export interface SweepFunctionPorts extends SweepPorts, SweepKeysPorts {
  /** What the guard asks about itself at the end of a sweep. */
  readonly self: SelfPorts;
  /** Alarms watch them: a sweep that doesn't finish must not go unnoticed. */
  readonly metrics: Pick<GuardMetrics, "add">;
  readonly region: string;
}

/** Handles one message of the sweep queue. The sweep's id is the starting message's, also when it comes again. */
export function sweepRecord(ports: SweepFunctionPorts): (record: SQSRecord) => Promise<Handled> {
  return async ({ body, messageId }) => {
    const json = parseJson(body);
    if (json.kind === "malformed") return json;
    const message = parseSweepMessage(json.value);
    if (message.kind === "malformed") return message;
    await handle(message.value, messageId, ports);
    return done;
  };
}

/**
 * How long to wait before each further try of a start, in milliseconds: half a minute in all. IAM tells its news within
 * seconds, and the invocation after the first deployment may come before a role's permissions are known everywhere. No
 * queue repeats that invocation, and its failure would fail the deployment.
 */
const PAUSES: readonly number[] = [1_000, 4_000, 10_000, 15_000];

/**
 * Handles an invocation that doesn't come from the queue: the one after each deployment. Queues the first page and
 * returns. Tries five times when that fails; a start that is queued twice sweeps twice, which does no harm.
 *
 * @throws when `event` is anything but a start, at once; and what the last try threw.
 */
export async function startFromInvocation(event: unknown, requestId: string, ports: SweepFunctionPorts): Promise<void> {
  const message = parseSweepMessage(event);
  if (message.kind === "malformed") throw new Error(`the invocation can't be read: ${message.reason}`);
  if (message.value.kind !== "start")
    throw new Error("a part of a sweep comes from the queue only; invoke with `start`");
  for (const pause of PAUSES) {
    try {
      return await handle(message.value, requestId, ports);
    } catch (error) {
      ports.log.warn("the sweep could not be started; trying again", { error, afterMilliseconds: pause });
      await ports.clock.sleep(pause);
    }
  }
  return handle(message.value, requestId, ports);
}

async function handle(message: SweepMessage, startId: string, ports: SweepFunctionPorts): Promise<void> {
  switch (message.kind) {
    case "start":
      await startSweep(startId, ports);
      // Counts nothing, but leaves data: where CloudWatch lacks data it goes back to older data of the metric before it takes any
      // for missing, and an alarm on sweeps that never finish would be hours late.
      ports.metrics.add("SweepFinished", 0);
      ports.log.info("a sweep is started", { sweepId: startId });
      return;
    case "page": {
      const { sweepId, pageNumber } = message.page;
      ports.log.info("a page of a sweep is done", { sweepId, pageNumber, ...(await sweepPage(message.page, ports)) });
      return;
    }
    case "agent":
      await sweepAgent(message, ports);
      return;
    case "keys": {
      const swept = await sweepKeys(message.keys, ports);
      if (swept.finished) ports.metrics.add("SweepFinished", 1);
      if (swept.last) await lookAtSelf(message.keys, swept.finished, ports);
      ports.log.info("a page of a sweep's keys is done", { sweepId: message.keys.sweepId, ...swept });
      return;
    }
    default:
      return message satisfies never;
  }
}

/** A sweep is none the worse for it, whatever comes of it: an alarm tells where it can't be done. */
async function lookAtSelf(
  { sweepId, startedAt }: SweepKeys,
  whole: boolean,
  { self, metrics, region, callersQueue, log }: SweepFunctionPorts,
): Promise<void> {
  const cause = { kind: "sweep", id: sweepId, at: startedAt, whole } as const;
  try {
    const sources = callersQueue ? SOURCES : SOURCES_OF_KEYS;
    const { couldLook, trailsAreKnown } = await checkSelf([cause], region, self, sources);
    metrics.add("SelfCheckFailed", couldLook ? 0 : 1);
    metrics.add("TrailsNotKnown", trailsAreKnown ? 0 : 1);
  } catch (error) {
    metrics.add("SelfCheckFailed", 1);
    log.warn("the guard could not look at itself", { error });
  }
}
