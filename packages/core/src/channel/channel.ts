import type { Alert } from "../alert/alert.ts";

/**
 * A way in which alerts reach people or machines. To add one: a rendering of `Alert` beside this file, an adapter that
 * delivers it, and its name in the list that `announce` is made with.
 */
export interface Channel {
  /** Stable: what is still to be delivered is remembered by it. */
  readonly name: string;
  /** Whether it drops an alert that it was given within the last minutes already, by the alert's id. */
  readonly deduplicates: boolean;
  /** @throws where the channel refused it, or did not answer */
  deliver(alert: Alert): Promise<void>;
}
