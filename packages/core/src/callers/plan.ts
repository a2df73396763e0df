/**
 * The guard's inline policy on one caller: exactly the agents that the caller may invoke and whose keys it can't use
 * otherwise. Recomputed from what is there, and removed when it is no longer needed.
 */
import type { AgentArn, KeyArn } from "../arn.ts";
import { effectiveMode } from "../key/rails.ts";
import type { JsonObject } from "../policy/json.ts";
import { type Identity, type Reserved, reservedBy } from "./account.ts";
import type { Invocation } from "./find.ts";
import type { CallerVerdict } from "./judge.ts";
import { type CallerAccess, type OwnPolicy, ownDocument } from "./own-policy.ts";
import type { Policies } from "./policies.ts";

/** One agent on one of its keys, for one caller. */
export interface CallerJudgement {
  readonly agent: AgentArn;
  readonly key: KeyArn;
  readonly invocation: Invocation;
  readonly verdict: CallerVerdict;
  /** The verdict as it would be without the guard's own policy. */
  readonly withoutOwn: CallerVerdict;
}

/** An agent on a key. */
export interface Need {
  readonly key: KeyArn;
  readonly agent: AgentArn;
}

export interface PlanSettings {
  /** The tag of a role or user that may keep the guard from writing to it, as a key's does. */
  readonly modeTag: string;
  /** Where set, only roles and users with this tag are written to; IAM says the same. */
  readonly optIn?: { readonly key: string; readonly value: string } | undefined;
  /** ARNs of the roles that the guard's functions run with. */
  readonly guardRoles: ReadonlySet<string>;
  /**
   * Whether the agents and keys that were judged are all that there are. If not, the others are left as they are: what the
   * guard's policy holds for them stays, and nothing is added.
   */
  readonly judged: { readonly kind: "all" } | { readonly kind: "these"; readonly among: (need: Need) => boolean };
}

export type CallerPlan =
  /** The guard's policy, or that there is none, is right. */
  | { readonly kind: "nothing" }
  | {
      readonly kind: "put";
      readonly document: JsonObject;
      /** As it is put: without white space. */
      readonly text: string;
      readonly adds: readonly Need[];
      readonly removes: readonly Need[];
      /** What does not fit beside the caller's other inline policies. */
      readonly leftOut: readonly Need[];
    }
  | { readonly kind: "remove"; readonly removes: readonly Need[]; readonly leftOut: readonly Need[] }
  /** Nothing fits any more of what is lacked; what the guard's policy holds stays. */
  | { readonly kind: "full"; readonly limit: number; readonly leftOut: readonly Need[] }
  /** The guard does not write to this identity; `document` is what it needs, undefined for a policy to be removed. */
  | { readonly kind: "withheld"; readonly why: Withheld; readonly document: JsonObject | undefined };

export type Withheld =
  | { readonly kind: Reserved }
  | { readonly kind: "guard" }
  | { readonly kind: "tagged"; readonly mode: "propose" | "observe" | "off"; readonly reason: string }
  | { readonly kind: "not-opted-in"; readonly tag: string }
  /** An inline policy of the guard's name is not as the guard writes it. */
  | { readonly kind: "edited" };

/**
 * What all inline policies together may take, in characters without white space.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const INLINE_LIMIT: Readonly<Record<Identity["kind"], number>> = { role: 10_240, user: 2_048 };

export function planCaller(
  identity: Identity,
  policies: Pick<Policies, "own" | "inlineCharacters">,
  judgements: readonly CallerJudgement[],
  settings: PlanSettings,
): CallerPlan {
  const { own } = policies;
  const wanted = wantedNeeds(own, judgements, settings);
  const had = needsOf(own);
  const limit = INLINE_LIMIT[identity.kind];
  const { fitting, leftOut } = fit(wanted, limit - policies.inlineCharacters);
  const adds = without(fitting, had);
  const removes = without(had, fitting);
  const document = ownDocument(accessOf(fitting));
  if (adds.length === 0 && removes.length === 0 && leftOut.length === 0) return { kind: "nothing" };

  const why = whyNot(identity, own, settings);
  if (why) return { kind: "withheld", why, document: ownDocument(accessOf(wanted)) };
  if (adds.length === 0 && removes.length === 0) return { kind: "full", limit, leftOut };
  if (!document) return { kind: "remove", removes, leftOut };
  return { kind: "put", document, text: JSON.stringify(document), adds, removes, leftOut };
}

/** What the guard's policy should give, what it gives already first: that is not taken away for what is new. */
function wantedNeeds(
  own: OwnPolicy,
  judgements: readonly CallerJudgement[],
  { judged }: PlanSettings,
): readonly Need[] {
  const had = needsOf(own);
  const hasIt = named(had);
  const isJudged = (need: Need) => judged.kind === "all" || judged.among(need);
  const kept = had.filter((need) => !isJudged(need));
  const needed = judgements.filter((one) => isJudged(one) && isNeeded(one, hasIt.has(nameOf(one))));
  const inOrder = needed.map(({ key, agent }) => ({ key, agent })).sort(byName);
  return [...kept, ...inOrder.filter((need) => hasIt.has(nameOf(need))), ...without(inOrder, had)];
}

/**
 * What may be needed is not added, and not taken away: somebody's condition stands over it, or over the invocation. What is
 * refused whatever the guard gives is taken away.
 */
function isNeeded({ invocation, withoutOwn }: CallerJudgement, has: boolean): boolean {
  switch (withoutOwn.kind) {
    case "lacks":
      return has || invocation.kind === "may";
    case "depends":
      return has;
    case "able":
    case "denied":
    case "stopped":
      return false;
    default:
      return withoutOwn satisfies never;
  }
}

/** As many needs as there is room for, in their order. */
function fit(
  needs: readonly Need[],
  room: number,
): { readonly fitting: readonly Need[]; readonly leftOut: readonly Need[] } {
  const whole = ownDocument(accessOf(needs));
  if (!whole || JSON.stringify(whole).length <= room) return { fitting: needs, leftOut: [] };
  let [low, high] = [0, needs.length];
  // INVARIANT: the first `low` fit, the first `high` don't: each need only ever adds to the text.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const length = JSON.stringify(ownDocument(accessOf(needs.slice(0, middle)))).length;
    if (length <= room) low = middle;
    else high = middle;
  }
  return { fitting: needs.slice(0, low), leftOut: needs.slice(low) };
}

function whyNot(identity: Identity, own: OwnPolicy, settings: PlanSettings): Withheld | undefined {
  const reserved = reservedBy(identity);
  if (reserved) return { kind: reserved };
  if (settings.guardRoles.has(identity.arn)) return { kind: "guard" };
  return withheldByTags(identity, settings) ?? (own.kind === "edited" ? { kind: "edited" } : undefined);
}

/** What the tags of a role or user say against writing to it. */
export function withheldByTags(
  { kind, tags }: Pick<Identity, "kind" | "tags">,
  { modeTag, optIn }: Pick<PlanSettings, "modeTag" | "optIn">,
): Withheld | undefined {
  const { mode, reason } = effectiveMode("enforce", modeTag, tags);
  if (mode !== "enforce") return { kind: "tagged", mode, reason: (reason ?? "").replace("the key's", `the ${kind}'s`) };
  if (optIn && tags.get(optIn.key) !== optIn.value) return { kind: "not-opted-in", tag: `${optIn.key}=${optIn.value}` };
  return undefined;
}

/** What the guard's policy gives. */
export function needsOf(own: OwnPolicy): readonly Need[] {
  if (own.kind !== "ours") return [];
  return [...own.access].flatMap(([key, agents]) => agents.map((agent) => ({ key, agent }))).sort(byName);
}

export function accessOf(needs: readonly Need[]): CallerAccess {
  const access = new Map<KeyArn, AgentArn[]>();
  for (const { key, agent } of needs) {
    const agents = access.get(key);
    if (agents) agents.push(agent);
    else access.set(key, [agent]);
  }
  return access;
}

function without(needs: readonly Need[], others: readonly Need[]): readonly Need[] {
  const known = named(others);
  return needs.filter((need) => !known.has(nameOf(need)));
}

function named(needs: readonly Need[]): ReadonlySet<string> {
  return new Set(needs.map(nameOf));
}

function nameOf({ key, agent }: Need): string {
  return `${key} ${agent}`;
}

function byName(a: Need, b: Need): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}
