/**
 * IAM's wildcards: `*` is any run of characters, `?` exactly one. Linear in practice and never exponential: on a
 * mismatch only the latest `*` is extended.
 */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const c = pattern[p];
    if (c === "*") {
      star = p++;
      resume = t;
    } else if (c === "?" || (c !== undefined && c === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
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

/**
 * Policy variables (`${aws:PrincipalAccount}`) stand for values of the request; under Version 2008-10-17 they are plain
 * text. They are not resolved yet: what holds one is unknown, naming it.
 *
 * @returns the variables' names, without their defaults.
 */
export function variablesIn(text: string, version: "2012-10-17" | "2008-10-17"): readonly string[] {
  if (version !== "2012-10-17" || !text.includes("${")) return [];
  return [...text.matchAll(/\$\{([^},]*)/g)].map((match) => match[1]?.trim() || "policy variable");
}
