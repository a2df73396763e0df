import type { NamedPolicy } from "../contract.ts";
import { MANAGED_SOURCE } from "./managed-policies.ts";
import type { StackModel } from "./model.ts";
import { members } from "./policy-reader.ts";
import { readStack } from "./read-stack.ts";
import { patternItem, statementItem, variableItem } from "./usage.ts";

/**
 * Everything in the resource graph that a run can use: each action and resource of each statement, each leaf of each
 * event pattern, each environment variable. The words are those of the record of a run.
 */
export function expectedUsage(graph: unknown): ReadonlySet<string> {
  return usageOf(readStack(graph));
}

function usageOf(model: StackModel): ReadonlySet<string> {
  const policies = [
    ...model.roles.flatMap((role) => [role.trust, ...role.policies]),
    ...model.queues.map((queue) => queue.policy),
    ...model.topics.map((topic) => topic.policy),
  ].filter((policy) => policy !== undefined);
  return new Set([
    ...policies.filter((policy) => !policy.source.startsWith(MANAGED_SOURCE)).flatMap(statementItems),
    ...model.rules.flatMap((rule) => rule.pattern.leaves.map((leaf) => patternItem(rule.name, leaf))),
    ...model.functions.flatMap((one) => Object.keys(one.variables).map((name) => variableItem(one.name, name))),
  ]);
}

function statementItems(policy: NamedPolicy): string[] {
  return policy.document.Statement.flatMap((statement, statementIndex) => {
    const { Effect, Action, Resource } = statement;
    if (Effect !== "Allow" && Effect !== "Deny") {
      throw new Error(`${policy.source}, statement ${statementIndex}: the effect is \`${JSON.stringify(Effect)}\``);
    }
    // An element in the negative has no members that could be used one by one.
    if (Action === undefined || Resource === undefined) {
      throw new Error(
        `${policy.source}, statement ${statementIndex}: write \`Action\` and \`Resource\`, not their negation`,
      );
    }
    return members(Action).flatMap((action) =>
      members(Resource).map((resource) =>
        statementItem({ source: policy.source, statementIndex, effect: Effect, action, resource }),
      ),
    );
  });
}
