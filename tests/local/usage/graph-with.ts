/** The golden resource graph with one thing changed. */
import { readGraph } from "../../../packages/local/src/laptop.ts";

type Json = Record<string, unknown>;
interface Resource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Json;
  readonly state: Json;
}

export class Graph {
  readonly value: { resources: Resource[] };

  constructor(value: unknown) {
    this.value = structuredClone(value) as Graph["value"];
  }

  allow(role: string, action: string): void {
    this.#statements(role).push({ Effect: "Allow", Action: action, Resource: "*" });
  }

  disallow(role: string, action: string): void {
    const statements = this.#statements(role);
    const at = statements.findIndex((statement) => statement.Action === action);
    if (at < 0) throw new Error(`no statement of \`${role}\` is for \`${action}\` alone`);
    statements.splice(at, 1);
  }

  listen(rule: string, eventName: string): void {
    this.#eventNames(rule).push(eventName);
  }

  ignore(rule: string, eventName: string): void {
    const names = this.#eventNames(rule);
    const at = names.indexOf(eventName);
    if (at < 0) throw new Error(`rule \`${rule}\` does not listen to \`${eventName}\``);
    names.splice(at, 1);
  }

  setVariable(fn: string, name: string, value: string): void {
    this.#variables(fn)[name] = value;
  }

  removeVariable(fn: string, name: string): void {
    if (!(name in this.#variables(fn))) throw new Error(`\`${fn}\` has no variable \`${name}\``);
    delete this.#variables(fn)[name];
  }

  copyQueuePolicy(from: string, queue: string): void {
    const source = this.#resource(from);
    const { arn, id } = this.#resource(queue).state;
    const inputs = structuredClone(source.inputs);
    const [statement] = (inputs.policy as { Statement: Json[] }).Statement;
    if (!statement) throw new Error(`\`${from}\` has no statement`);
    statement.Resource = arn;
    inputs.queueUrl = this.#resource(queue).state.url ?? id;
    this.value.resources.push({ ...source, name: `${from}Copy`, inputs });
  }

  remove(name: string): void {
    this.value.resources.splice(this.value.resources.indexOf(this.#resource(name)), 1);
  }

  #resource(name: string): Resource {
    const found = this.value.resources.find((resource) => resource.name === name);
    if (!found) throw new Error(`the graph has no \`${name}\``);
    return found;
  }

  #statements(role: string): Json[] {
    const [policy] = this.#resource(role).inputs.inlinePolicies as { policy: { Statement: Json[] } }[];
    if (!policy) throw new Error(`\`${role}\` has no policy`);
    return policy.policy.Statement;
  }

  #eventNames(rule: string): string[] {
    return (this.#resource(rule).inputs.eventPattern as { detail: { eventName: string[] } }).detail.eventName;
  }

  #variables(fn: string): Record<string, string> {
    return (this.#resource(fn).inputs.environment as { variables: Record<string, string> }).variables;
  }
}

export function graphWith(change: (graph: Graph) => void): unknown {
  const graph = new Graph(readGraph());
  change(graph);
  return graph.value;
}
