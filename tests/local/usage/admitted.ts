/** What policies of topics and roles admit, and no call of the emulation uses: each is asked of the evaluator. */
import type { Caller } from "../../../packages/local/src/contract.ts";
import { authorize } from "../../../packages/local/src/evaluator/authorize.ts";
import { accessTo } from "../../../packages/local/src/runner/access.ts";
import { roleFor } from "../../../packages/local/src/runner/function-pool.ts";
import { statementItem } from "../../../packages/local/src/runner/usage.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";

/** @returns items of the graph */
export function admitted({ laptop }: Theatre): ReadonlySet<string> {
  const { account, region, stack } = laptop;
  const { model } = stack;
  const items = new Set<string>();
  const access = accessTo((question) => {
    const answer = authorize(question);
    if (answer.kind === "denied") throw new Error(`it should be admitted: ${answer.message}`);
    for (const use of answer.by) items.add(statementItem(use));
    return answer;
  }, region);
  // A statement that leaves it to the account's IAM admits by itself the account's root user only.
  const root: Caller = { kind: "user", arn: `arn:aws:iam::${account}:root`, account, policies: [] };
  for (const { name, arn: resource, policy: resourcePolicy } of model.topics) {
    if (!resourcePolicy || name.endsWith("-health")) continue;
    access({ caller: root, action: "sns:Publish", resource, resourcePolicy });
  }
  // The alarm that tells of what the topic of all other alarms did not deliver.
  const [alerts] = model.topics.filter(({ name }) => name.endsWith("-alerts"));
  const alarm = model.alarms.find(({ name }) => name.endsWith("-health-delivery"));
  if (!alerts?.policy || !alarm) throw new Error("the stack has a topic for alerts and an alarm on the health topic");
  const caller: Caller = { kind: "service", name: "cloudwatch.amazonaws.com" };
  const question = { caller, action: "sns:Publish", resource: alerts.arn, resourcePolicy: alerts.policy };
  access({ ...question, source: { arn: alarm.arn, account } });
  // Amazon Q Developer is no part of the emulation: it takes on its role.
  const chat = model.roles.find(({ name }) => name.includes("-chat-"));
  if (!chat) throw new Error("the stack has a role for the chat channel");
  roleFor(model, chat.arn, "chatbot.amazonaws.com", access, { arn: chat.arn, account });
  return items;
}
