/**
 * The golden resource graph, read with care: each resource's properties are taken one by one, and what nobody took
 * is an error unless `not-honoured.ts` says why it may be left.
 */
import { NOT_HONOURED } from "./not-honoured.ts";

export interface GraphResource {
  /** Pulumi's type, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** The logical name: unique among the resources of its type. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What the provider would add: `arn`, `url`, and the bundle of a function. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** Reads the file's JSON. @throws when it is not a resource graph, saying where. */
export function graphResources(graph: unknown): readonly GraphResource[] {
  const resources = isRecord(graph) ? graph.resources : undefined;
  if (!Array.isArray(resources))
    throw new Error("not a resource graph: `resources` is no array; run `npm run stack:graph`");
  return resources.map((resource: unknown, index): GraphResource => {
    const { type, name, inputs, state } = isRecord(resource) ? resource : {};
    if (typeof type !== "string" || typeof name !== "string" || !isRecord(inputs)) {
      throw new Error(`not a resource graph: \`resources[${index}]\` needs a type, a name and inputs`);
    }
    return { type, name, inputs, state: isRecord(state) ? state : {} };
  });
}

/** The properties of one resource or of a block in it. Each accessor marks its property as honoured. */
export interface Properties {
  readonly resource: GraphResource;
  /** Where these properties are, for error texts: the resource's type and name, and the block's path. */
  readonly where: string;
  string(name: string): string;
  optionalString(name: string): string | undefined;
  optionalNumber(name: string): number | undefined;
  optionalBoolean(name: string): boolean | undefined;
  strings(name: string): readonly string[];
  /** A JSON document: the graph shows it parsed, a provider gets it as text. Both read the same. */
  document(name: string): unknown;
  optionalDocument(name: string): unknown;
  /** A map of strings, such as tags or variables. */
  stringMap(name: string): Readonly<Record<string, string>>;
  /** A nested block; absent blocks read as empty ones. */
  block(name: string): Properties;
  blocks(name: string): readonly Properties[];
  /** A property that has only one value here; any other is an error. */
  only(name: string, ...values: readonly (string | number | boolean)[]): void;
  /** @throws when a property is left that nobody took and `not-honoured.ts` does not list. */
  finish(): void;
}

export function propertiesOf(resource: GraphResource): Properties {
  return readProperties(resource, resource.inputs, []);
}

function readProperties(
  resource: GraphResource,
  values: Readonly<Record<string, unknown>>,
  path: readonly string[],
): Properties {
  const where = [`${resource.type} \`${resource.name}\``, ...path].join(" ");
  const taken = new Set<string>();
  const blocks: Properties[] = [];

  function take(name: string): unknown {
    taken.add(name);
    return values[name] ?? undefined;
  }
  function wrong(name: string, wanted: string): Error {
    return new Error(`${where}: \`${name}\` is \`${JSON.stringify(values[name])}\`; the local AWS needs ${wanted}`);
  }
  function optional<T>(name: string, wanted: string, is: (value: unknown) => value is T): T | undefined {
    const value = take(name);
    if (value === undefined || is(value)) return value;
    throw wrong(name, wanted);
  }
  function parsed(value: unknown): unknown {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch (cause) {
      throw new Error(`${where}: \`${value.slice(0, 80)}\` is no JSON`, { cause });
    }
  }
  function inner(name: string, value: unknown, position: string): Properties {
    if (value !== undefined && !isRecord(value)) throw wrong(name, "a block");
    const block = readProperties(resource, value ?? {}, [...path, position]);
    blocks.push(block);
    return block;
  }

  return {
    resource,
    where,
    string(name) {
      const value = optional(name, "a string", isString);
      if (value === undefined) throw wrong(name, "a string");
      return value;
    },
    optionalString: (name) => optional(name, "a string", isString),
    optionalNumber: (name) => optional(name, "a number", isNumber),
    optionalBoolean: (name) => optional(name, "true or false", isBoolean),
    document(name) {
      const value = parsed(take(name));
      if (value === undefined) throw wrong(name, "a JSON document");
      return value;
    },
    optionalDocument: (name) => parsed(take(name)),
    strings: (name) => optional(name, "a list of strings", isStringArray) ?? [],
    stringMap: (name) => optional(name, "a map of strings", isStringMap) ?? {},
    block: (name) => inner(name, take(name), name),
    blocks(name) {
      const value = take(name) ?? [];
      if (!Array.isArray(value)) throw wrong(name, "a list of blocks");
      return value.map((member: unknown, index) => inner(name, member, `${name}[${index}]`));
    },
    only(name, ...allowed) {
      const value = take(name);
      if (value !== undefined && !allowed.some((one) => one === value)) {
        throw wrong(name, allowed.map((one) => `\`${one}\``).join(" or "));
      }
    },
    finish() {
      for (const [name, value] of Object.entries(values)) {
        const full = [...path, name].join(".").replaceAll(/\[\d+\]/g, "");
        if (value === undefined || value === null || taken.has(name) || NOT_HONOURED[resource.type]?.[full]) continue;
        throw new Error(
          `${where}: the local AWS does not honour \`${name}\` (\`${JSON.stringify(value)}\`); ` +
            "teach the runner, or list it with its reason in `not-honoured.ts`",
        );
      }
      for (const block of blocks) block.finish();
    },
  };
}

/** What the provider would know of a resource once it exists. */
export function stateString(resource: GraphResource, name: string): string {
  const value = resource.state[name];
  if (typeof value !== "string") throw new Error(`${resource.type} \`${resource.name}\`: its state has no \`${name}\``);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isString(value: unknown): value is string {
  return typeof value === "string";
}
function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString);
}
function isStringMap(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every(isString);
}
