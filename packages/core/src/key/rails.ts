/** What may keep the guard from writing to a key, whatever the plan is. */
export type Mode = "enforce" | "propose" | "observe" | "off";

const STRENGTH: Readonly<Record<Mode, number>> = { off: 0, observe: 1, propose: 2, enforce: 3 };

export function isMode(text: string): text is Mode {
  return Object.hasOwn(STRENGTH, text);
}

/** How many policies may be put within one clock hour; a write that is not certain to have failed counts. */
export interface WriteBudgets {
  readonly keyPerHour: number;
  /** All keys of the account and Region together. */
  readonly accountPerHour: number;
}

export interface EffectiveMode {
  readonly mode: Mode;
  /** Why it is not the deployment's mode; undefined where it is. */
  readonly reason: string | undefined;
}

/**
 * The mode for one key: a tag on the key may lower the deployment's mode, never raise it. A value that is no mode lowers
 * to `observe`: someone meant to restrain the guard.
 */
export function effectiveMode(deployment: Mode, tagName: string, tags: ReadonlyMap<string, string>): EffectiveMode {
  const tag = tags.get(tagName)?.trim().toLowerCase();
  if (tag === undefined) return { mode: deployment, reason: undefined };
  if (!isMode(tag)) {
    const mode = STRENGTH[deployment] < STRENGTH.observe ? deployment : "observe";
    return { mode, reason: `the key's tag \`${tagName}\` has the value \`${tag.slice(0, 64)}\`, which is no mode` };
  }
  if (STRENGTH[tag] >= STRENGTH[deployment]) return { mode: deployment, reason: undefined };
  return { mode: tag, reason: `the key's tag \`${tagName}\` says \`${tag}\`` };
}
