import { describe, expect, test } from "vitest";
import { actionsOf, type FunctionName } from "../../packages/functions/src/actions.ts";
import { type Graph, list, resources, storedGraph } from "./graph.ts";
import { functions, gaps, LAMBDAS_OWN, ROLES } from "./permission-gaps.ts";

/** A copy of the stored graph in which one role's allowed actions are others. */
function withActions(name: FunctionName, change: (actions: readonly string[]) => readonly string[]): Graph {
  const graph = storedGraph();
  const role = graph.resources.find((one) => one.type === "aws:iam/role:Role" && one.name === ROLES[name]);
  const policies = role?.inputs.inlinePolicies;
  if (!role || !Array.isArray(policies)) throw new Error(`no inline policies on \`${ROLES[name]}\``);
  role.inputs.inlinePolicies = policies.map(({ policy, ...rest }) => ({
    ...rest,
    policy: {
      ...policy,
      Statement: policy.Statement.map((statement: { Effect: string; Action: string | string[] }) =>
        statement.Effect === "Allow" ? { ...statement, Action: change(list(statement.Action)) } : statement,
      ),
    },
  }));
  return graph;
}

const calls = functions.flatMap((name) =>
  [...actionsOf(name), ...LAMBDAS_OWN].map((action): [FunctionName, string] => [name, action]),
);

describe("the ports and the roles of the functions", () => {
  test("every role of a function belongs to a function whose calls are declared", () => {
    const used = resources(storedGraph(), "aws:lambda/function:Function").map(({ inputs }) => inputs.role);
    const known = resources(storedGraph(), "aws:iam/role:Role").filter(({ name }) =>
      Object.values(ROLES).includes(name),
    );
    expect(known.map(({ state }) => state.arn).sort()).toEqual([...used].sort());
  });

  test("a function may do what its ports call, and nothing else", () => {
    expect(gaps(storedGraph(), actionsOf)).toEqual([]);
  });

  test.each(calls)("%s without %s is found", (name, action) => {
    const graph = withActions(name, (actions) => actions.filter((one) => one !== action));
    expect(gaps(graph, actionsOf)).toEqual([{ function: name, missing: [action], unused: [] }]);
  });

  test.each(functions)("%s with an action that none of its ports calls is found", (name) => {
    for (const action of ["kms:CreateGrant", "kms:*", "sqs:SendMessageBatch"]) {
      const graph = withActions(name, (actions) => [...actions, action]);
      expect(gaps(graph, actionsOf)).toEqual([{ function: name, missing: [], unused: [action] }]);
    }
  });

  test("an action in another function's role does not count", () => {
    const graph = withActions("sweep", (actions) => [...actions, "kms:PutKeyPolicy"]);
    expect(gaps(graph, actionsOf)).toEqual([{ function: "sweep", missing: [], unused: ["kms:PutKeyPolicy"] }]);
  });
});
