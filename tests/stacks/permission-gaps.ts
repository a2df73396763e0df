import type { FunctionName } from "../../packages/functions/src/actions.ts";
import { type Graph, list, resources, statementsOf } from "./graph.ts";

/** What Lambda does in the function's name: it takes messages from the queue, and writes the log. */
export const LAMBDAS_OWN = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "logs:CreateLogStream",
  "logs:PutLogEvents",
];

export const ROLES: Readonly<Record<FunctionName, string>> = {
  intake: "IntakeRole",
  reconcile: "ReconcileRole",
  callers: "CallersRole",
  sweep: "SweepRole",
  announce: "AnnounceRole",
  "notify-slack": "NotifySlackRole",
};
export const functions = Object.keys(ROLES) as FunctionName[];

/** The role's Allow statements, the documents in the graph themselves: a test may change them. */
function allowsOf(graph: Graph, name: FunctionName) {
  const role = resources(graph, "aws:iam/role:Role").find((one) => one.name === ROLES[name]);
  if (!role) throw new Error(`no role \`${ROLES[name]}\` in the graph`);
  return statementsOf(role).filter(({ Effect }) => Effect === "Allow");
}

export interface Gap {
  readonly function: string;
  readonly missing: readonly string[];
  readonly unused: readonly string[];
}

/** What each function of the graph calls, by its ports. */
export type Calls = (name: FunctionName) => readonly string[];

/** Where a role and what its function calls part, by whole names of actions: a wildcard is an action nobody calls. */
export function gaps(graph: Graph, calls: Calls, among: readonly FunctionName[] = functions): readonly Gap[] {
  return among.flatMap((name) => {
    const called = new Set([...calls(name), ...LAMBDAS_OWN]);
    const allowed = new Set(allowsOf(graph, name).flatMap(({ Action }) => list(Action)));
    const missing = [...called.difference(allowed)];
    const unused = [...allowed.difference(called)];
    return missing.length + unused.length > 0 ? [{ function: name, missing, unused }] : [];
  });
}
