/**
 * Alias ids that stand for all: for each way in which an id can fit some of a few patterns and not the others, one that
 * does. What policies say of an alias by patterns they say of its example.
 */

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_AgentAlias.html */
const ID_LENGTH = 10;
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** More than policies that anybody reads come to; beyond it each pattern has an example of its own. */
const MAX_STATES = 2_000;

/** @param patterns - of an alias's id, with IAM's wildcards */
export function aliasExamples(patterns: readonly string[]): readonly string[] {
  const possible = [...new Set(patterns.map((text) => text.replaceAll(/\*+/g, "*")))].filter(canFit);
  if (possible.length === 0) return [];
  return examples(possible) ?? possible.flatMap((one) => examples([one]) ?? []);
}

function canFit(pattern: string): boolean {
  return /^[0-9a-zA-Z*?]+$/.test(pattern) && pattern.replaceAll("*", "").length <= ID_LENGTH;
}

/**
 * All ids at a time, a character at a time: those that stand at the same places of all patterns are one.
 *
 * @returns undefined where that becomes too much
 */
function examples(patterns: readonly string[]): readonly string[] | undefined {
  const written = [...new Set(patterns.join("").replaceAll(/[*?]/g, ""))];
  const other = [...ALPHABET].find((character) => !written.includes(character));
  const characters = other === undefined ? written : [other, ...written];
  let states = new Map([["", { id: "", places: patterns.map((pattern) => past(pattern, 1)) }]]);
  for (let length = 0; length < ID_LENGTH; length++) {
    const next: typeof states = new Map();
    for (const { id, places } of states.values()) {
      for (const character of characters) {
        const after = places.map((at, i) => step(patterns[i] ?? "", at, character));
        const name = after.join(" ");
        if (!next.has(name)) next.set(name, { id: id + character, places: after });
      }
      if (next.size > MAX_STATES) return undefined;
    }
    states = next;
  }
  const byFit = new Map([...states.values()].map(({ id, places }) => [places.map(isAtEnd).join(), id]));
  return [...byFit.values()];

  function isAtEnd(places: number, i: number): boolean {
    return (places & (1 << (patterns[i] ?? "").length)) !== 0;
  }
}

/** The places in the pattern, as bits, where a text can stand after one more character. A pattern has 21 at most. */
function step(pattern: string, places: number, character: string): number {
  let next = 0;
  for (let place = 0; place < pattern.length; place++) {
    if ((places & (1 << place)) === 0) continue;
    if (pattern[place] === "*") next |= 1 << place;
    else if (pattern[place] === "?" || pattern[place] === character) next |= 1 << (place + 1);
  }
  return past(pattern, next);
}

/** A `*` may stand for nothing. */
function past(pattern: string, places: number): number {
  let all = places;
  for (let place = 0; place < pattern.length; place++) {
    if (pattern[place] === "*" && (all & (1 << place)) !== 0) all |= 1 << (place + 1);
  }
  return all;
}
