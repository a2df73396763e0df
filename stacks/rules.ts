import type { Place } from "./place.ts";
import { admit, type WorkQueue } from "./queues.ts";
import { pattern, type RecordedCalls } from "./recorded-calls.ts";

/** What CloudTrail records of agents and their keys, by the service that recorded it. */
const rules: readonly RecordedCalls[] = [
  {
    id: "AgentChanges",
    name: "agent-changes",
    description: "Calls that may change which keys an agent and its versions use, or with which roles",
    service: "bedrock",
    eventNames: [
      "CreateAgent",
      "UpdateAgent",
      "DeleteAgent",
      "PrepareAgent",
      // Without a route, these make a version. https://docs.aws.amazon.com/bedrock/latest/userguide/agents-deploy.html
      "CreateAgentAlias",
      "UpdateAgentAlias",
      // A version that goes sets its key and its role free; an alias that goes leaves all versions.
      "DeleteAgentVersion",
      "DeleteAgentAlias",
    ],
  },
  {
    id: "KeyChanges",
    name: "key-changes",
    description: "Calls that may change what a key allows, whether it works, or whether the guard may write to it",
    service: "kms",
    eventNames: [
      "PutKeyPolicy",
      "DisableKey",
      "EnableKey",
      "ScheduleKeyDeletion",
      "CancelKeyDeletion",
      "TagResource",
      "UntagResource",
    ],
  },
];

/**
 * The rules on the default bus, where CloudTrail's events arrive, and their way into the intake queue. What EventBridge
 * can't deliver within a day ends in the queue's dead letters.
 *
 * @param more - what to hear of beside agents and their keys
 */
export function changeRules(place: Place, intake: WorkQueue, more: readonly RecordedCalls[]): aws.sqs.QueuePolicy[] {
  const made = [...rules, ...more].map((calls) => {
    const { id, name, description } = calls;
    const rule = new aws.cloudwatch.EventRule(id, {
      name: `${place.prefix}-${name}`,
      description,
      eventBusName: "default",
      eventPattern: pattern(calls),
    });
    new aws.cloudwatch.EventTarget(`${id}ToIntake`, {
      rule: rule.name,
      eventBusName: "default",
      targetId: "intake",
      arn: intake.queue.arn,
      retryPolicy: { maximumEventAgeInSeconds: 24 * 60 * 60, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: intake.deadLetters.arn },
    });
    return rule;
  });
  const sender = { service: "events.amazonaws.com", arns: made.map((rule) => rule.arn) };
  return [
    admit("IntakeFromRules", intake.queue, sender),
    admit("IntakeDeadLettersFromRules", intake.deadLetters, sender),
  ];
}
