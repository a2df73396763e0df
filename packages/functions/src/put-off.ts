import { isTransient } from "@bedrock-key-guard/aws/errors.ts";
import type { KeyJob } from "@bedrock-key-guard/core/key/job.ts";
import { MAX_ATTEMPTS } from "@bedrock-key-guard/core/key/look.ts";
import type { Clock, LaterQueue, Log } from "@bedrock-key-guard/core/ports.ts";

export interface PutOffPorts {
  readonly later: LaterQueue;
  readonly clock: Pick<Clock, "random">;
  readonly log: Log;
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
export async function putOff(job: KeyJob, error: unknown, { later, clock, log }: PutOffPorts): Promise<boolean> {
  const { key, attempt } = job;
  if (attempt >= MAX_ATTEMPTS || !isTransient(error)) return false;
  const longest = Math.min(FIRST_DELAY_SECONDS * 2 ** attempt, LONGEST_DELAY_SECONDS);
  const delaySeconds = longest * (0.5 + clock.random() / 2);
  try {
    await later.lookAgain({ ...job, attempt: attempt + 1 }, delaySeconds);
  } catch (failure) {
    log.warn("a look that failed could not be put off either", { key, attempt, error: failure });
    return false;
  }
  log.warn("a look failed for now and is put off", { key, attempt, delaySeconds, error });
  return true;
}
