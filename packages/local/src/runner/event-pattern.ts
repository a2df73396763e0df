/**
 * EventBridge event patterns: exact values, `exists`, `prefix`, `suffix`, `equals-ignore-case`, `wildcard`,
 * `anything-but`, `numeric` and `$or`. A filter that is not known is an error when the pattern is read, never a
 * silent mismatch.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface EventPattern {
  /** Every leaf of the pattern, as it stands: `detail.eventName = "CreateAgent"`. */
  readonly leaves: readonly string[];
  /**
   * Whether the event matches, and the leaves that did something: a leaf that matched in a matching event, and a
   * filter (`exists: false`, `anything-but`) that kept out an event which would else have matched.
   */
  match(event: unknown): { readonly matched: boolean; readonly used: readonly string[] };
}

type Node =
  | { readonly kind: "all"; readonly of: readonly Node[] }
  | { readonly kind: "any"; readonly of: readonly Node[] }
  | { readonly kind: "field"; readonly path: readonly string[]; readonly leaves: readonly Leaf[] };

interface Leaf {
  readonly text: string;
  /** Negative filters matter by what they keep out. */
  readonly negative: boolean;
  /** @param values the field's values; none when the field is absent. */
  matches(values: readonly Json[]): boolean;
}

/** @throws for a pattern that EventBridge would refuse, or that this bus does not know. */
export function eventPattern(pattern: unknown): EventPattern {
  const root = readNode(pattern as Json, []); // read from JSON: each node is checked as it is read
  const fields = fieldsOf(root);
  return {
    leaves: fields.flatMap((field) => field.leaves.map((leaf) => leaf.text)),
    match(event) {
      const json = event as Json; // the bus makes its events from JSON
      const used = evaluate(root, json, undefined);
      if (used) return { matched: true, used };
      const filters = fields.filter((field) => field.leaves.every((leaf) => leaf.negative));
      const excluding = filters.filter((field) => evaluate(root, json, field) !== undefined);
      return { matched: false, used: excluding.flatMap((field) => field.leaves.map((leaf) => leaf.text)) };
    },
  };
}

/**
 * @param assumed a field that is taken to match, to learn what its filter alone keeps out.
 * @returns the leaves that matched, or `undefined` when the event does not match.
 */
function evaluate(node: Node, event: Json, assumed: Node | undefined): string[] | undefined {
  if (node === assumed) return [];
  switch (node.kind) {
    case "all": {
      const results = node.of.map((child) => evaluate(child, event, assumed));
      return results.every((result) => result !== undefined) ? results.flat() : undefined;
    }
    case "any": {
      const results = node.of.map((child) => evaluate(child, event, assumed)).filter((result) => result !== undefined);
      return results.length > 0 ? results.flat() : undefined;
    }
    case "field": {
      const values = valuesAt(event, node.path);
      const matching = node.leaves.filter((leaf) => leaf.matches(values));
      // A negative filter that lets an event pass has done nothing yet.
      return matching.length > 0 ? matching.filter((leaf) => !leaf.negative).map((leaf) => leaf.text) : undefined;
    }
    default:
      return node satisfies never;
  }
}

/** The values of a field; an array stands for its members, at every level. */
function valuesAt(event: Json, path: readonly string[]): Json[] {
  if (isArray(event)) return event.flatMap((member) => valuesAt(member, path));
  const [name, ...rest] = path;
  if (name === undefined) return [event];
  if (!isObject(event)) return [];
  const value = event[name];
  return value === undefined ? [] : valuesAt(value, rest);
}

function readNode(pattern: Json, path: readonly string[]): Node {
  if (!isObject(pattern)) throw patternError(path, "must be an object or an array of alternatives", pattern);
  const of = Object.entries(pattern).map(([name, value]): Node => {
    if (name === "$or") {
      if (!isArray(value) || value.length < 2) throw patternError(path, "`$or` needs at least two patterns", value);
      return { kind: "any", of: value.map((alternative) => readNode(alternative, path)) };
    }
    const inner = [...path, name];
    if (!isArray(value)) return readNode(value, inner);
    if (value.length === 0) throw patternError(inner, "has no alternative", value);
    return { kind: "field", path: inner, leaves: value.map((alternative) => readLeaf(alternative, inner)) };
  });
  if (of.length === 0) throw patternError(path, "is empty", pattern);
  return { kind: "all", of };
}

function readLeaf(alternative: Json, path: readonly string[]): Leaf {
  const text = `${path.join(".")} = ${JSON.stringify(alternative)}`;
  if (isArray(alternative)) throw patternError(path, "can't hold an array in an array", alternative);
  if (!isObject(alternative)) {
    return { text, negative: false, matches: (values) => values.includes(alternative) };
  }
  const [entry, ...more] = Object.entries(alternative);
  if (!entry || more.length > 0) throw patternError(path, "needs exactly one filter", alternative);
  const [filter, argument] = entry;
  if (filter === "exists") {
    if (typeof argument !== "boolean") throw patternError(path, "`exists` takes true or false", alternative);
    return { text, negative: !argument, matches: (values) => values.length > 0 === argument };
  }
  if (filter === "anything-but") {
    const excluded = anythingBut(argument, path);
    // The field must be there: an absent one is not "anything".
    return { text, negative: true, matches: (values) => values.length > 0 && !values.some(excluded) };
  }
  const one = positiveFilter(filter, argument, path);
  return { text, negative: false, matches: (values) => values.some(one) };
}

type Test = (value: Json) => boolean;

function anythingBut(argument: Json, path: readonly string[]): Test {
  if (isObject(argument)) {
    const [entry, ...more] = Object.entries(argument);
    if (!entry || more.length > 0) throw patternError(path, "`anything-but` needs exactly one filter", argument);
    const [filter, inner] = entry;
    const tests = (isArray(inner) ? inner : [inner]).map((member) => positiveFilter(filter, member, path));
    return (value) => tests.some((test) => test(value));
  }
  const values = isArray(argument) ? argument : [argument];
  return (value) => values.includes(value);
}

function positiveFilter(filter: string, argument: Json, path: readonly string[]): Test {
  if (filter === "numeric") return numericFilter(argument, path);
  const make = STRING_FILTERS[filter];
  if (!make) throw patternError(path, `has a filter that the local bus does not know: \`${filter}\``, argument);
  if (isObject(argument)) {
    const inner = argument["equals-ignore-case"];
    const foldable = filter === "prefix" || filter === "suffix";
    if (!foldable || typeof inner !== "string") throw patternError(path, `\`${filter}\` takes a string`, argument);
    const test = make(inner.toLowerCase());
    return (value) => typeof value === "string" && test(value.toLowerCase());
  }
  if (typeof argument !== "string") throw patternError(path, `\`${filter}\` takes a string`, argument);
  const test = make(argument);
  return (value) => typeof value === "string" && test(value);
}

const STRING_FILTERS: Readonly<Record<string, (argument: string) => (value: string) => boolean>> = {
  prefix: (argument) => (value) => value.startsWith(argument),
  suffix: (argument) => (value) => value.endsWith(argument),
  "equals-ignore-case": (argument) => (value) => value.toLowerCase() === argument.toLowerCase(),
  wildcard: (argument) => {
    const parts = argument.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`^${parts.join(".*")}$`, "s");
    return (value) => pattern.test(value);
  },
};

/** `[">", 0, "<=", 5]`: every comparison must hold. */
function numericFilter(argument: Json, path: readonly string[]): Test {
  if (!isArray(argument) || argument.length === 0 || argument.length % 2 === 1) {
    throw patternError(path, "`numeric` takes pairs of an operator and a number", argument);
  }
  const tests = Array.from({ length: argument.length / 2 }, (_, index) => {
    const operator = argument[2 * index];
    const bound = argument[2 * index + 1];
    const compare = typeof operator === "string" ? COMPARISONS[operator] : undefined;
    if (!compare || typeof bound !== "number") throw patternError(path, "`numeric` can't be read", argument);
    return (value: number) => compare(value, bound);
  });
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

function fieldsOf(node: Node): Extract<Node, { kind: "field" }>[] {
  return node.kind === "field" ? [node] : node.of.flatMap(fieldsOf);
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function patternError(path: readonly string[], problem: string, found: Json): Error {
  const where = path.length > 0 ? `\`${path.join(".")}\`` : "the pattern";
  return new Error(`event pattern: ${where} ${problem}: \`${JSON.stringify(found)}\``);
}
