import { parseJson, parseSweepMessage, type SweepMessage } from "@bedrock-key-guard/aws/messages.ts";
import { type SweepPorts, startSweep, sweepAgent, sweepPage } from "@bedrock-key-guard/core/sweep/sweep.ts";
import { type SweepKeysPorts, sweepKeys } from "@bedrock-key-guard/core/sweep/sweep-keys.ts";
import type { SQSRecord } from "aws-lambda";
import type { SweepMetrics } from "./lib/metrics.ts";
import { done, type Handled } from "./lib/partial-batch.ts";

export interface SweepFunctionPorts extends SweepPorts, SweepKeysPorts {
  /** An alarm watches them: a sweep that doesn't finish must not go unnoticed. */
  readonly metrics: SweepMetrics;
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
      ports.metrics.started();
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
      if (swept.finished) ports.metrics.finished();
      ports.log.info("a page of a sweep's keys is done", { sweepId: message.keys.sweepId, ...swept });
      return;
    }
    default:
      return message satisfies never;
  }
}
