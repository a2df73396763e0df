/**
 * IAM's wildcards: `*` is any run of characters, `?` exactly one. Linear in practice and never exponential: on a
 * mismatch only the latest `*` is extended.
 *
 * @param literals places in the pattern whose `*` or `?` stands for itself
 */
export function globMatches(pattern: string, text: string, literals?: ReadonlySet<number>): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const c = pattern[p];
    const wild = literals === undefined || !literals.has(p);
    if (c === "*" && wild) {
      star = p++;
      resume = t;
    } else if ((c === "?" && wild) || (c !== undefined && c === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*" && !literals?.has(p)) p++;
  return p === pattern.length;
}

/**
 * Each of an ARN's six parts is matched by itself: a `*` does not reach over a colon into the next part. An ARN that is
 * cut short leaves the other parts open.
 */
export function arnGlobMatches(pattern: string, text: string): boolean {
  const patternParts = arnParts(pattern);
  const textParts = arnParts(text);
  return textParts.length === 6 && textParts.every((part, i) => globMatches(patternParts[i] ?? "*", part));
}

/** Six parts, fewer for a text that is no whole ARN; further colons belong to the last. */
export function arnParts(text: string): readonly string[] {
  const parts = text.split(":");
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
