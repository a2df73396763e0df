/**
 * Whether what others have in a policy outlives the guard's writes. KMS has no version check: a policy that is put between
 * the guard's last reading and its own put is overwritten, and nobody could have kept it. Anything else is a violation.
 */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { JournalAction } from "../../packages/core/src/key/journal.ts";
import { foreignOf, parse, type Statement, sameStatements } from "./models/document.ts";
import type { Version } from "./models/kms.ts";
import { short } from "./trace.ts";
import type { Invariant } from "./violation.ts";
import type { World } from "./world.ts";

/** A foreign policy that the guard overwrote, and that it could not have seen. */
export interface LostUpdate {
  readonly key: KeyArn;
  readonly version: Version;
  readonly text: string;
  restored: boolean;
}

export interface ForeignPut {
  readonly key: KeyArn;
  readonly text: string;
  readonly action: JournalAction | undefined;
  /** What was live until now. */
  readonly replaced: Version;
  /** KMS's latest answer to the guard since it opened its journal entry, and which version that showed. */
  readonly reread: { readonly text: string; readonly version: Version } | undefined;
}

export class ForeignWatch {
  readonly lost: LostUpdate[] = [];
  readonly counts = { lostUpdates: 0, restored: 0, misledRestores: 0 };
  readonly #world: () => World;
  readonly #broken: (invariant: Invariant, message: string) => void;

  constructor(world: () => World, broken: (invariant: Invariant, message: string) => void) {
    this.#world = world;
    this.#broken = broken;
  }

  /** @returns whether it calls for a further write: something was lost, or is put back */
  guardPut(put: ForeignPut): boolean {
    const isRestore = put.action === "restore";
    if (isRestore) this.#judgeRestore(put);
    const wasSeen = put.reread?.version === put.replaced;
    if (isRestore && wasSeen) return true;
    const now = foreignOf(parse(put.text));
    if (!isRestore && sameStatements(now, foreignOf(this.#world().kms.printed(put.replaced)))) return false;
    const isKept = isRestore || (put.reread !== undefined && sameStatements(foreignOf(parse(put.reread.text)), now));
    if (wasSeen || !put.reread || !isKept) {
      this.#broken("foreign-statements", why(put));
      return false;
    }
    return this.#lose(put);
  }

  #lose({ key, replaced }: ForeignPut): boolean {
    if (replaced.by === "guard") return false;
    const { trace } = this.#world();
    trace.add("LOST", () => `version ${replaced.number} of ${key} (${replaced.eventId}) was overwritten unseen`);
    this.counts.lostUpdates++;
    this.lost.push({ key, version: replaced, text: replaced.text, restored: false });
    return true;
  }

  #judgeRestore({ key, text }: ForeignPut): void {
    const theirs = foreignOf(parse(text));
    const lost = this.lost.find((one) => one.key === key && sameStatements(foreignOf(parse(one.text)), theirs));
    if (lost) {
      if (!lost.restored) this.counts.restored++;
      lost.restored = true;
    } else if (this.#couldSeemLost(key, theirs)) this.counts.misledRestores++;
    else this.#broken("foreign-statements", `${short(key)} was restored to what nobody had lost`);
  }

  /** Where somebody else overwrote it, and CloudTrail has not told of that one yet: it may never do. */
  #couldSeemLost(key: KeyArn, theirs: readonly Statement[]): boolean {
    const { kms, state } = this.#world();
    const { versions } = kms.key(key);
    return versions.some((version) => {
      const next = versions[version.number + 1];
      const isUnknown = next?.by === "somebody" && !state.foreignWrites.has(next.eventId);
      return version.by === "somebody" && isUnknown && sameStatements(foreignOf(parse(version.text)), theirs);
    });
  }
}

function why({ key, replaced, reread }: ForeignPut): string {
  const seen = reread ? "and the guard had read it" : "and the guard had not read again since it opened its entry";
  return `foreign statements of ${short(key)} were lost or changed: version ${replaced.number} was put by somebody, ${seen}`;
}
