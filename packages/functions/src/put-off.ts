import { isTransient } from "@bedrock-key-guard/aws/errors.ts";
import type { CallersJob } from "@bedrock-key-guard/core/callers/job.ts";
import type { CallersQueue } from "@bedrock-key-guard/core/callers/ports.ts";
import type { KeyJob } from "@bedrock-key-guard/core/key/job.ts";
import { MAX_ATTEMPTS } from "@bedrock-key-guard/core/key/look.ts";
import type { Clock, LaterQueue, Log } from "@bedrock-key-guard/core/ports.ts";

interface DelayPorts {
  readonly clock: Pick<Clock, "random">;
  readonly log: Log;
}

export interface PutOffPorts extends DelayPorts {
  readonly later: LaterQueue;
}

export interface PutOffCallersPorts extends DelayPorts {
  readonly callersQueue: CallersQueue;
}

const FIRST_DELAY_SECONDS = 15;
/** The longest that SQS delays a message. */
const LONGEST_DELAY_SECONDS = 900;

/**
 * Puts off a job that failed for a reason which time may mend: twice as long each time, less up to a half by chance, so
 * that what failed together does not come back together.
 *
 * The queue's own redelivery comes after some minutes, and holds up all that is asked of the key meanwhile; it is left
 * for what time alone does not mend. After the last attempt it takes over, and the job ends as a dead letter.
 *
 * @returns whether the job is done with for now; if not, its error is to be thrown.
 */
export function putOff(job: KeyJob, error: unknown, ports: PutOffPorts): Promise<boolean> {
  const { key, attempt } = job;
  const again = (delaySeconds: number) => ports.later.lookAgain({ ...job, attempt: attempt + 1 }, delaySeconds);
  return putOffBy({ key, attempt }, error, again, ports);
}

/** As `putOff`, for a look at callers. */
export function putOffCallers(job: CallersJob, error: unknown, ports: PutOffCallersPorts): Promise<boolean> {
  const { attempt } = job;
  const again = (delaySeconds: number) => ports.callersQueue.review({ ...job, attempt: attempt + 1 }, delaySeconds);
  return putOffBy({ callers: job.scope.kind, attempt }, error, again, ports);
}

async function putOffBy(
  what: { readonly attempt: number } & Readonly<Record<string, unknown>>,
  error: unknown,
  again: (delaySeconds: number) => Promise<void>,
  { clock, log }: DelayPorts,
): Promise<boolean> {
  const { attempt } = what;
  if (attempt >= MAX_ATTEMPTS || !isTransient(error)) return false;
  const longest = Math.min(FIRST_DELAY_SECONDS * 2 ** attempt, LONGEST_DELAY_SECONDS);
  const delaySeconds = longest * (0.5 + clock.random() / 2);
  try {
    await again(delaySeconds);
  } catch (failure) {
    log.warn("a look that failed could not be put off either", { ...what, error: failure });
    return false;
  }
  log.warn("a look failed for now and is put off", { ...what, delaySeconds, error });
  return true;
}
