/**
 * Three-valued logic (Kleene's strong logic). What cannot be known is `unknown`, and carries the names of the condition
 * keys (or policy elements) that would decide it.
 */
export type Truth =
  | { readonly kind: "yes" }
  | { readonly kind: "no" }
  | { readonly kind: "unknown"; readonly on: readonly string[] };

export const YES: Truth = { kind: "yes" };
export const NO: Truth = { kind: "no" };

export function unknown(...on: string[]): Truth {
  return { kind: "unknown", on };
}

export function known(value: boolean): Truth {
  return value ? YES : NO;
}

export function not(a: Truth): Truth {
  if (a.kind === "unknown") return a;
  return a.kind === "yes" ? NO : YES;
}

/** What an unknown depends on; nothing for what is known. */
export function openIn(truth: Truth): readonly string[] {
  return truth.kind === "unknown" ? truth.on : [];
}

/** `no` if any is `no`, whatever the others are. */
export function all(truths: Iterable<Truth>): Truth {
  return fold(truths, NO, YES);
}

/** `yes` if any is `yes`, whatever the others are. */
export function any(truths: Iterable<Truth>): Truth {
  return fold(truths, YES, NO);
}

function fold(truths: Iterable<Truth>, decisive: Truth, otherwise: Truth): Truth {
  const on = new Set<string>();
  let undecided = false;
  for (const truth of truths) {
    if (truth.kind === decisive.kind) return decisive;
    if (truth.kind !== "unknown") continue;
    // INVARIANT: an unknown without a name is unknown all the same.
    undecided = true;
    for (const key of truth.on) on.add(key);
  }
  return undecided ? { kind: "unknown", on: [...on] } : otherwise;
}
