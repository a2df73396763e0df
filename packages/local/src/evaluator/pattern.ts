/**
 * Wildcards and policy variables, as the IAM reference describes them for `Resource` and for condition values.
 */

/** Condition keys in lower case, each with its values; a key that is not listed is absent from the request. */
export type Context = Readonly<Record<string, readonly string[]>>;

type Piece =
  | { readonly kind: "character"; readonly value: string }
  | { readonly kind: "any" }
  | { readonly kind: "one" };

const VARIABLE = /\$\{([^}]*)\}/g;

/**
 * Reads a value of a policy piece by piece: `*` and `?` are wildcards, but not where a variable brought them in.
 *
 * @param variables the request's context, or `undefined` where the policy's version knows no variables
 * @returns `undefined` when a variable has no value in this request: such a value matches nothing
 */
function pieces(pattern: string, variables: Context | undefined): readonly Piece[] | undefined {
  if (variables === undefined) return wildcards(pattern);
  const result: Piece[] = [];
  let end = 0;
  for (const found of pattern.matchAll(VARIABLE)) {
    result.push(...wildcards(pattern.slice(end, found.index)));
    const value = variableValue(found[1] ?? "", variables);
    if (value === undefined) return undefined;
    result.push(...literal(value));
    end = found.index + found[0].length;
  }
  result.push(...wildcards(pattern.slice(end)));
  return result;
}

function wildcards(text: string): readonly Piece[] {
  return literal(text).map((piece) => {
    if (piece.kind === "character" && piece.value === "*") return { kind: "any" };
    if (piece.kind === "character" && piece.value === "?") return { kind: "one" };
    return piece;
  });
}

function literal(text: string): readonly Piece[] {
  return [...text].map((value) => ({ kind: "character", value }));
}

/** `${*}`, `${?}` and `${$}` stand for themselves; `${key, 'default'}` names what holds where the key is absent. */
function variableValue(variable: string, variables: Context): string | undefined {
  if (variable === "*" || variable === "?" || variable === "$") return variable;
  const [key = "", ...rest] = variable.split(",");
  const values = variables[key.trim().toLowerCase()];
  // A variable stands for one value: a key with several has no single text to put in its place.
  if (values?.length === 1) return values[0];
  const fallback = /^\s*'(.*)'\s*$/.exec(rest.join(","));
  return fallback?.[1];
}

/** Whether `text` is the pattern's text, its wildcards read as any run of characters and as any one character. */
export function isLike(pattern: string, text: string, variables?: Context): boolean {
  const wanted = pieces(pattern, variables);
  return wanted !== undefined && covers(wanted, [...text]);
}

/** Whether `text` is exactly the value, with variables put in and wildcards read as plain characters. */
export function isExactly(value: string, text: string, variables?: Context): boolean {
  const wanted = pieces(value, variables);
  if (wanted === undefined) return false;
  return (
    wanted.map((piece) => (piece.kind === "character" ? piece.value : piece.kind === "any" ? "*" : "?")).join("") ===
    text
  );
}

/** Tries the shortest run for the latest `*` first and lengthens it on failure, so that no pattern takes long. */
function covers(wanted: readonly Piece[], text: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  let star: { readonly after: number; from: number } | undefined;
  while (at < text.length) {
    const piece = wanted[next];
    if (piece?.kind === "any") {
      star = { after: next + 1, from: at };
      next += 1;
    } else if (piece?.kind === "one" || (piece?.kind === "character" && piece.value === text[at])) {
      at += 1;
      next += 1;
    } else if (star) {
      star.from += 1;
      at = star.from;
      next = star.after;
    } else {
      return false;
    }
  }
  return wanted.slice(next).every((piece) => piece.kind === "any");
}

/** The six parts of an ARN; further colons belong to the last. Shorter texts give fewer parts. */
export function arnParts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  let inVariable = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    // A policy variable such as `${aws:username}` has a colon that divides nothing.
    if (text.startsWith("${", index)) inVariable = true;
    if (character === "}") inVariable = false;
    if (character === ":" && !inVariable && parts.length < 5) {
      parts.push(part);
      part = "";
    } else {
      part += character;
    }
  }
  return [...parts, part];
}
