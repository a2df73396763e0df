/**
 * The account's IAM, read as a whole at most once in ten minutes, whatever asks for it: the reading is many calls, and IAM's
 * quotas are the whole account's. What was read is kept for those who ask meanwhile.
 */
import type { Clock } from "../ports.ts";
import type { IamAccount } from "./account.ts";
import type { AccountDirectory, ReviewLog } from "./ports.ts";

export const READING_PAUSE_MS = 10 * 60_000;
/** IAM may show a change only some seconds after it told of it. */
const SETTLING_MS = 60_000;

export type KnownReading =
  | { readonly kind: "read"; readonly account: IamAccount }
  | { readonly kind: "denied"; readonly message: string }
  /** `until`: ISO 8601, when it may be read again. */
  | { readonly kind: "too-soon"; readonly until: string };

export interface KnownAccount {
  /** @param since - ISO 8601: the reading has to be newer; undefined where any of the last ten minutes is as good */
  read(since: string | undefined): Promise<KnownReading>;
  /**
   * To be called when the guard has, or may have, written to IAM: what was read before does not show it, and a caller would
   * seem to have nothing that could be taken away. Nobody else keeps a reading as new: they are ten minutes apart.
   */
  forget(): void;
}

/** To be made once for a function's life. */
export function knownAccount(ports: {
  readonly accounts: AccountDirectory;
  readonly reviewLog: Pick<ReviewLog, "reserveReading">;
  readonly clock: Pick<Clock, "now">;
}): KnownAccount {
  let kept: { readonly account: IamAccount; readonly readAt: string } | undefined;
  return {
    async read(since) {
      const now = ports.clock.now();
      const before = new Date(Date.parse(now) - READING_PAUSE_MS).toISOString();
      if (kept && isNewer(kept.readAt, before) && (since === undefined || isNewer(kept.readAt, settled(since)))) {
        return { kind: "read", account: kept.account };
      }
      const reserved = await ports.reviewLog.reserveReading(now, before);
      if (reserved.kind === "too-soon") {
        return { kind: "too-soon", until: new Date(Date.parse(reserved.readAt) + READING_PAUSE_MS).toISOString() };
      }
      // Not both at once: an account is large.
      kept = undefined;
      const reading = await ports.accounts.read();
      if (reading.kind === "read") kept = { account: reading.account, readAt: now };
      return reading;
    },
    forget() {
      kept = undefined;
    },
  };
}

/**
 * Whole seconds until what IAM told of at `since` is sure to be in a reading, 60 at most (ISO 8601, both). A reading before
 * that may be the last in ten minutes, and one that nothing asks to repeat.
 */
export function secondsToSettle(since: string, now: string): number {
  const left = Date.parse(since) + SETTLING_MS - Date.parse(now);
  return Math.ceil(Math.min(Math.max(0, left), SETTLING_MS) / 1_000);
}

function settled(since: string): string {
  return new Date(Date.parse(since) + SETTLING_MS).toISOString();
}

function isNewer(a: string, b: string): boolean {
  return Date.parse(a) > Date.parse(b);
}
