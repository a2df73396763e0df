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
