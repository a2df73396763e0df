/**
 * What `JSON.parse` passes over in silence: a document may be read here as something else than AWS reads, or be written
 * back as something else than it said. A policy with a hazard is not a policy that the guard understands.
 */

/** Deeper than any policy, and shallow enough for code that walks a document by recursion. */
const MAX_DEPTH = 64;

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],]/g;

interface Level {
  /** The member names so far; undefined in a list. */
  readonly names: Set<string> | undefined;
  nameIsNext: boolean;
}

/**
 * @param text JSON that has been parsed without error
 * @returns the first hazard as a reason to show to a person, or undefined
 */
export function jsonHazard(text: string): string | undefined {
  const levels: Level[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "{" || token === "[") {
      if (levels.length === MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
      levels.push({ names: token === "{" ? new Set() : undefined, nameIsNext: token === "{" });
    } else if (token === "}" || token === "]") {
      levels.pop();
    } else if (token === ",") {
      if (level?.names) level.nameIsNext = true;
    } else if (token.startsWith('"')) {
      if (!level?.names || !level.nameIsNext) continue;
      const name = String(JSON.parse(token));
      if (level.names.has(name)) return `an object has the member \`${name}\` twice: remove one of them`;
      level.names.add(name);
      level.nameIsNext = false;
    } else if (String(Number(token)) !== token) {
      // INVARIANT: foreign statements are written back with their meaning; 1e3 or twenty digits would not be.
      return `the number \`${token}\` would be written back as \`${Number(token)}\`: put it in quotes`;
    }
  }
  return undefined;
}
