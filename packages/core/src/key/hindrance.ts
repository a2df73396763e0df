/** What keeps the guard from writing to a key right now. Fails closed: no answer, no write. */
import type { KeyArn } from "../arn.ts";
import type { Hold, Keys, KillSwitch, OperatorCommands } from "../ports.ts";
import { effectiveMode, type Mode, type WriteBudgets } from "./rails.ts";

export interface HindranceSettings {
  readonly mode: Mode;
  /** The name of the key tag that may lower the mode. */
  readonly modeTag: string;
  /** Where set, only keys with this tag are written to; IAM says the same. */
  readonly optIn: { readonly key: string; readonly value: string } | undefined;
  readonly budgets: WriteBudgets;
}

export interface Hindrance {
  readonly reason: string;
  /** How a person lifts it. */
  readonly remedy: string;
}

/** The mode for one key, with what its tags say about writing to it. */
export interface KeyMode {
  readonly mode: Mode;
  /** Why the guard may not write to this key; undefined where it may, as far as mode and tags go. */
  readonly hindrance: Hindrance | undefined;
}

export async function modeFor(
  key: KeyArn,
  ports: { readonly keys: Keys },
  settings: HindranceSettings,
): Promise<KeyMode> {
  const read = await ports.keys.tags(key);
  if (read.kind !== "found") {
    return {
      mode: settings.mode === "enforce" ? "observe" : settings.mode,
      hindrance: {
        reason: "the key's tags could not be read, and one of them may forbid the write",
        remedy: "let the guard's role do kms:ListResourceTags on the key",
      },
    };
  }
  const { mode, reason } = effectiveMode(settings.mode, settings.modeTag, read.tags);
  if (mode !== "enforce") {
    return {
      mode,
      hindrance: reason
        ? { reason, remedy: `remove the key's tag \`${settings.modeTag}\`, or give it the value \`enforce\`` }
        : { reason: `the deployment's mode is ${mode}`, remedy: 'deploy with `mode: "enforce"` (stacks/settings.ts)' },
    };
  }
  const { optIn } = settings;
  if (optIn && read.tags.get(optIn.key) !== optIn.value) {
    return {
      mode,
      hindrance: {
        reason: `the key does not carry the opt-in tag \`${optIn.key}=${optIn.value}\``,
        remedy: `give the key the tag \`${optIn.key}=${optIn.value}\``,
      },
    };
  }
  return { mode, hindrance: undefined };
}

/** A hold on this key, read before its policy, then the kill switch, read right before each write. */
export async function hindranceToWrite(
  key: KeyArn,
  hold: Hold | undefined,
  ports: { readonly killSwitch: KillSwitch; readonly commands: OperatorCommands },
): Promise<Hindrance | undefined> {
  if (hold && holds(hold)) {
    return { reason: `the key is on hold by ${hold.by}: ${hold.reason}`, remedy: ports.commands.resumeKey(key) };
  }
  const killSwitch = await ports.killSwitch.read();
  if (killSwitch.kind === "off") return undefined;
  return {
    reason: `the guard is paused by ${killSwitch.by}: ${killSwitch.reason}`,
    remedy: ports.commands.resumeGuard(),
  };
}

export function holds(hold: Hold): boolean {
  return hold.kind !== "lifted";
}
