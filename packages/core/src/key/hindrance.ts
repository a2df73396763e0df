/** What keeps the guard from writing to a key right now. Fails closed: no answer, no write. */
import type { KeyArn } from "../arn.ts";
import type { Clock, Journal, Keys, KillSwitch } from "../ports.ts";
import { effectiveMode, MOST_WRITES_AN_HOUR, type Mode } from "./rails.ts";

export interface HindranceSettings {
  readonly mode: Mode;
  /** The name of the key tag that may lower the mode. */
  readonly modeTag: string;
  /** Where set, only keys with this tag are written to; IAM says the same. */
  readonly optIn: { readonly key: string; readonly value: string } | undefined;
}

/** The mode for one key, with what its tags say about writing to it. */
export interface KeyMode {
  readonly mode: Mode;
  /** Why the guard may not write to this key; undefined where it may, as far as mode and tags go. */
  readonly hindrance: string | undefined;
}

export async function modeFor(
  key: KeyArn,
  ports: { readonly keys: Keys },
  settings: HindranceSettings,
): Promise<KeyMode> {
  const read = await ports.keys.tags(key);
  if (read.kind !== "found") {
    const hindrance = "the key's tags could not be read, and one of them may forbid the write";
    return { mode: settings.mode === "enforce" ? "observe" : settings.mode, hindrance };
  }
  const { mode, reason } = effectiveMode(settings.mode, settings.modeTag, read.tags);
  if (mode !== "enforce") return { mode, hindrance: reason ?? `the deployment's mode is ${mode}` };
  const { optIn } = settings;
  if (optIn && read.tags.get(optIn.key) !== optIn.value) {
    return { mode, hindrance: `the key does not carry the opt-in tag \`${optIn.key}=${optIn.value}\`` };
  }
  return { mode, hindrance: undefined };
}

const HOUR_MS = 3_600_000;

/** Read right before each write: the kill switch, and how often the key was written to already. */
export async function hindranceToWrite(
  key: KeyArn,
  ports: { readonly journal: Journal; readonly killSwitch: KillSwitch; readonly clock: Clock },
): Promise<string | undefined> {
  const killSwitch = await ports.killSwitch.read();
  if (killSwitch.kind === "paused") return `the guard is paused by ${killSwitch.by}: ${killSwitch.reason}`;
  const since = new Date(Date.parse(ports.clock.now()) - HOUR_MS).toISOString();
  const writes = await ports.journal.writesSince(key, since);
  if (writes < MOST_WRITES_AN_HOUR) return undefined;
  return `it has already written to this key ${writes} times within an hour: something keeps undoing it`;
}
