import { type Graph, storedGraph, type Type } from "./graph.ts";

/**
 * What must hold for every graph that we deploy, and ways to break it: a rule that no change can break says nothing.
 */
export interface Rule {
  /** A sentence. */
  readonly says: string;
  /** The names of what breaks the rule. */
  readonly brokenBy: (graph: Graph) => readonly string[];
  readonly breaks: readonly Break[];
}

export interface Break {
  readonly type: Type;
  /** Of the resource. */
  readonly name: string;
  /** Sets what lies at a path into the inputs, such as `policy.Statement.0.Effect`; `undefined` takes it away. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** A copy of the stored graph with one resource changed. */
export function broken({ type, name, set }: Break): Graph {
  const graph = storedGraph();
  const resource = graph.resources.find((candidate) => candidate.type === type && candidate.name === name);
  if (!resource) throw new Error(`no \`${name}\` (${type}) in the graph`);
  for (const [path, value] of Object.entries(set)) place(resource.inputs, path.split("."), value);
  return graph;
}

function place(into: unknown, [key, ...rest]: readonly string[], value: unknown): void {
  if (typeof into !== "object" || into === null || key === undefined) throw new Error("the path leads nowhere");
  if (rest.length > 0) place(Reflect.get(into, key), rest, value);
  else if (value === undefined) Reflect.deleteProperty(into, key);
  else Reflect.set(into, key, value);
}
