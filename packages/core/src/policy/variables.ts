/**
 * Policy variables (`${aws:PrincipalAccount}`): placeholders for values of the request, under Version 2012-10-17 only.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import type { PolicyDocument } from "./document.ts";
import { globMatches } from "./glob.ts";
import { all, known, NO, type Truth, unknown, YES } from "./kleene.ts";
import { lookUp, type RequestContext } from "./request.ts";

/** A text with its variables put in. */
export interface Pattern {
  readonly text: string;
  /** Places of characters that are no wildcards, whatever they look like: written as `${*}` or `${?}`. */
  readonly literals?: ReadonlySet<number>;
  /**
   * The literals, and the places of `*` and `?` that came in with the value of a variable. AWS does not say whether these
   * are wildcards then: where the two readings differ, nothing is concluded.
   */
  readonly brought?: { readonly places: ReadonlySet<number>; readonly by: readonly string[] };
}

export interface Resolved {
  /** Undefined where a variable's value is not known. A variable that certainly has no value is put in as nothing. */
  readonly pattern: Pattern | undefined;
  /** Variables whose values are not known, or that can't be read. */
  readonly open: readonly string[];
  /**
   * Variables that have no value in this request, and no default; or perhaps have none. AWS says that this might make
   * the entire statement invalid.
   */
  readonly voiding: readonly string[];
}

/** Puts the values of one request into the texts of one policy. */
export type Variables = (text: string) => Resolved;

export function variablesOf(version: PolicyDocument["version"], context: RequestContext): Variables {
  return (text) =>
    version === "2012-10-17" && text.includes("${")
      ? resolve(text, context)
      : { pattern: { text }, open: NONE, voiding: NONE };
}

const NONE: readonly string[] = [];
/** The default stands in single quotes after a comma and a space. Other spaces are said nothing of, and not understood. */
const VARIABLE = /\$\{([^{},'\s]|[^{},'\s][^{},']*[^{},'\s])(?:, '([^']*)')?\}/y;
const UNREADABLE = "policy variable";

function resolve(template: string, context: RequestContext): Resolved {
  let text = "";
  const literals = new Set<number>();
  const places = new Set<number>();
  const by: string[] = [];
  const open: string[] = [];
  const voiding: string[] = [];
  for (const piece of piecesOf(template)) {
    switch (piece.kind) {
      case "text":
        text += piece.text;
        break;
      case "character":
        literals.add(text.length);
        places.add(text.length);
        text += piece.text;
        break;
      case "unreadable":
        open.push(UNREADABLE);
        voiding.push(UNREADABLE);
        break;
      case "variable": {
        const found = requestValue(piece.name, context);
        if (found.kind === "open") open.push(piece.name);
        if (found.kind !== "value" && piece.fallback === undefined) voiding.push(piece.name);
        const value = found.kind === "value" ? found.value : (piece.fallback ?? "");
        for (const { index } of value.matchAll(/[*?]/g)) {
          places.add(text.length + index);
          by.push(piece.name);
        }
        text += value;
        break;
      }
      default:
        return piece satisfies never;
    }
  }
  const pattern: Pattern = { text, literals, ...(by.length > 0 ? { brought: { places, by } } : {}) };
  return { pattern: open.length > 0 ? undefined : pattern, open, voiding };
}

type Piece =
  | { readonly kind: "text" | "character"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly fallback: string | undefined }
  | { readonly kind: "unreadable" };

function piecesOf(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (let start = template.indexOf("${"); start >= 0; start = template.indexOf("${", at)) {
    pieces.push({ kind: "text", text: template.slice(at, start) });
    VARIABLE.lastIndex = start;
    const found = VARIABLE.exec(template);
    // What does not read as a variable makes the rest unreadable too: where it ends is anybody's guess.
    if (!found) return [...pieces, { kind: "unreadable" }];
    const [whole, name = "", fallback] = found;
    pieces.push(SPECIAL.has(whole) ? { kind: "character", text: name } : { kind: "variable", name, fallback });
    at = start + whole.length;
  }
  return [...pieces, { kind: "text", text: template.slice(at) }];
}

/** Ways to write a character that would mean something else. */
const SPECIAL = new Set(["${*}", "${?}", "${$}"]);

/** A variable stands for a single value: a key with several can't be put in. */
function requestValue(
  name: string,
  context: RequestContext,
): { readonly kind: "value"; readonly value: string } | { readonly kind: "none" | "open" } {
  const content = lookUp(context, name);
  if (content.kind === "absent") return { kind: "none" };
  const [value, ...more] = content.kind === "known" ? content.values : [];
  return value === undefined || more.length > 0 ? { kind: "open" } : { kind: "value", value };
}

/** The condition keys that a text asks for as variables, in lower case. */
export function variablesIn(text: string): readonly string[] {
  if (!text.includes("${")) return NONE;
  return piecesOf(text).flatMap((piece) => (piece.kind === "variable" ? [piece.name.toLowerCase()] : []));
}

/** Unknown where a variable without a value may make the whole statement invalid; yes otherwise. */
export function stands(texts: readonly string[], variables: Variables): Truth {
  const voiding = texts.flatMap((text) => (text.includes("${") ? variables(text).voiding : NONE));
  return voiding.length > 0 ? unknown(...voiding) : YES;
}

/**
 * Whether a value of the policy matches, by a test of its resolved text. A variable without a value matches nothing; it
 * could be read as the empty text, so where that would match, nothing is concluded.
 */
export function matchesResolved({ pattern, open, voiding }: Resolved, test: (pattern: Pattern) => Truth): Truth {
  if (!pattern) return unknown(...open);
  const truth = test(pattern);
  return voiding.length > 0 && truth.kind !== "no" ? unknown(...voiding) : truth;
}

export function patternMatches({ text: pattern, literals, brought }: Pattern, text: string): Truth {
  if (!brought) return known(globMatches(pattern, text, literals));
  const asWildcards = globMatches(pattern, text, literals);
  const asThemselves = globMatches(pattern, text, brought.places);
  return asWildcards === asThemselves ? known(asWildcards) : unknown(...brought.by);
}

/**
 * Whether an ARN fits a pattern, each of the six parts by itself: a `*` does not reach over a colon into the next part,
 * nor does the value of a variable. A pattern that is cut short leaves the other parts open.
 */
export function arnPatternMatches(template: string, arn: string, variables: Variables): Truth {
  const wanted = splitTemplate(template);
  const parts = splitTemplate(arn);
  if (parts.length < 6) return NO;
  // A variable may bring in the colons that are missing.
  const asked = variablesIn(template);
  if (wanted.length < 6 && asked.length > 0) return unknown(...asked);
  return all(
    parts.map((part, i) => {
      const wantedPart = wanted[i] ?? "*";
      return matchesResolved(variables(wantedPart), (pattern) =>
        i < 5 && pattern.text.includes(":") ? unknown(...variablesIn(wantedPart)) : patternMatches(pattern, part),
      );
    }),
  );
}

/** Like `arnParts`, but a colon within `${…}` divides nothing. */
export function splitTemplate(template: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let inside = false;
  for (let i = 0; i < template.length && parts.length < 5; i++) {
    const character = template[i];
    if (character === "$" && template[i + 1] === "{") inside = true;
    else if (character === "}") inside = false;
    else if (character === ":" && !inside) {
      parts.push(template.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, template.slice(from)];
}
