/**
 * What `JSON.parse` passes over in silence: a document may be read here as something else than AWS reads, or be written
 * back as something else than it said. A policy with a hazard is not a policy that the guard understands.
 */
import { isObject, type Json } from "./json.ts";

/** Deeper than any policy, and shallow enough for code that walks a document by recursion. */
const MAX_DEPTH = 64;

/**
 * @param text JSON that has been parsed without error
 * @param parsed what it was parsed as
 * @returns the first hazard as a reason to show to a person, or undefined
 */
export function jsonHazard(text: string, parsed: Json = JSON.parse(text) as Json): string | undefined {
  const found = scan(text);
  if (typeof found === "string") return found;
  // INVARIANT: the text has a colon a member, the parsed value a key a name: a name that came twice is missing there.
  return found.members === membersOf(parsed) ? undefined : repeatedName(text);
}

const NUMBER = /-?\d[\d.eE+-]*/y;

/** Counts the members; each string is skipped in one step, since a long policy is mostly strings. */
function scan(text: string): string | { readonly members: number } {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case ":":
        members++;
        break;
      case "{":
      case "[":
        if (++depth > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
        break;
      case "}":
      case "]":
        depth--;
        break;
      case " ":
      case "\n":
      case ",":
        break;
      default: {
        NUMBER.lastIndex = at;
        const token = NUMBER.exec(text)?.[0];
        if (token === undefined) break;
        // INVARIANT: foreign statements are written back with their meaning; 1e3 or twenty digits would not be.
        if (String(Number(token)) !== token) {
          return `the number \`${token}\` would be written back as \`${Number(token)}\`: put it in quotes`;
        }
        at += token.length - 1;
      }
    }
  }
  return { members };
}

/** The place of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

function membersOf(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (isObject(value)) {
    for (const name of Object.keys(value)) count += 1 + membersOf(value[name] ?? null);
  } else {
    for (const item of value) count += membersOf(item);
  }
  return count;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;

/** The first member name that comes twice in one object, as a reason. */
function repeatedName(text: string): string {
  /** The names so far of each open object, undefined for a list. */
  const levels: (Set<string> | undefined)[] = [];
  let previous = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{") levels.push(new Set());
    else if (token === "[") levels.push(undefined);
    else if (token === "}" || token === "]") levels.pop();
    // A colon is no token: after it comes the name's value.
    else if (previous === "{" || previous === ",") {
      const names = levels.at(-1);
      const name = String(JSON.parse(token));
      if (names?.has(name)) return `an object has the member \`${name}\` twice: remove one of them`;
      names?.add(name);
    }
    previous = token;
  }
  return "an object has a member twice: remove one of them";
}
