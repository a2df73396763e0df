import * as bedrockAgent from "@aws-sdk/client-bedrock-agent";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import type { AccountId } from "../../packages/core/src/arn.ts";
import { readEvent } from "../../packages/functions/src/cloudtrail.ts";
import { resources } from "./graph.ts";
import type { Rule } from "./rule.ts";

const RULE = "aws:cloudwatch/eventRule:EventRule";

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);

/** Every call that a service knows, by the SDK's commands: CloudTrail names its records by them. */
const callsOf = (client: object) =>
  Object.keys(client).flatMap((name) => (name.endsWith("Command") ? [name.slice(0, -"Command".length)] : []));
const CALLS: Readonly<Record<string, readonly string[]>> = {
  "bedrock.amazonaws.com": callsOf(bedrockAgent),
  "iam.amazonaws.com": callsOf(iam),
  "kms.amazonaws.com": callsOf(kms),
};

/** Calls that may change what a role or user may do, by what they are done to. */
const OF_IAM = [
  ...["Role", "User", "Group"].flatMap((holder) =>
    ["Put", "Delete", "Attach", "Detach"].map((verb) => `${verb}${holder}Policy`),
  ),
  ...["Role", "User"].flatMap((holder) => [
    ...["Put", "Delete"].map((verb) => `${verb}${holder}PermissionsBoundary`),
    ...["Tag", "Untag"].map((verb) => `${verb}${holder}`),
  ]),
  ...["CreatePolicyVersion", "SetDefaultPolicyVersion", "AddUserToGroup", "RemoveUserFromGroup", "UpdateUser"],
];

/** Whether the code reads the rest of such an event: what it has no use for, it drops by the name. */
function isActedOn(eventSource: string, eventName: string): boolean {
  const account = "111122223333" as AccountId;
  const event = { "detail-type": "AWS API Call via CloudTrail", account, detail: { eventSource, eventName } };
  return readEvent(event, account).kind !== "ignored";
}

export const rulesOfEvents: readonly Rule[] = [
  {
    says: "a rule hears of successful calls that CloudTrail recorded of one service, on the default bus",
    brokenBy: (graph) =>
      names(
        resources(graph, RULE).filter(({ inputs }) => {
          const { source, detail, ...pattern } = inputs.eventPattern;
          return (
            inputs.eventBusName !== "default" ||
            pattern["detail-type"].join() !== "AWS API Call via CloudTrail" ||
            source.join().replace("aws.", "") !== detail.eventSource.join().replace(".amazonaws.com", "") ||
            JSON.stringify(detail.errorCode) !== '[{"exists":false}]'
          );
        }),
      ),
    breaks: [
      { type: RULE, name: "KeyChanges", set: { "eventPattern.detail.errorCode": undefined } },
      { type: RULE, name: "KeyChanges", set: { "eventPattern.source": ["aws.bedrock"] } },
    ],
  },
  {
    says: "the rules hear of every call that may change an agent, its key, its callers or what the guard may do to them",
    brokenBy: (graph) => {
      const rules = resources(graph, RULE);
      const heard = rules.flatMap(({ inputs }) => inputs.eventPattern.detail.eventName);
      const hearsOfIam = rules.some(({ inputs }) => inputs.eventPattern.source.includes("aws.iam"));
      const wanted = [
        ...["CreateAgent", "UpdateAgent", "DeleteAgent", "PrepareAgent", "CreateAgentAlias", "UpdateAgentAlias"],
        ...["DeleteAgentVersion", "DeleteAgentAlias"],
        ...["PutKeyPolicy", "DisableKey", "EnableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"],
        ...["TagResource", "UntagResource"],
        ...(hearsOfIam ? OF_IAM : []),
      ];
      return wanted.filter((name) => !heard.includes(name));
    },
    breaks: [{ type: RULE, name: "KeyChanges", set: { "eventPattern.detail.eventName": ["PutKeyPolicy"] } }],
  },
  {
    says: "the code acts on every event that a rule lets through",
    brokenBy: (graph) =>
      resources(graph, RULE).flatMap(({ inputs }) => {
        const { eventName, eventSource } = inputs.eventPattern.detail;
        return eventName.filter((name) => !isActedOn(`${eventSource[0]}`, name));
      }),
    breaks: [
      { type: RULE, name: "AgentChanges", set: { "eventPattern.detail.eventName": ["CreateAgent", "CreateFlow"] } },
      { type: RULE, name: "KeyChanges", set: { "eventPattern.detail.eventSource": ["bedrock.amazonaws.com"] } },
    ],
  },
  {
    says: "a rule lets through every event that the code acts on",
    brokenBy: (graph) => {
      const patterns = resources(graph, RULE).map(({ inputs }) => inputs.eventPattern.detail);
      return patterns.flatMap(({ eventSource }) => {
        const heard = patterns.filter((one) => one.eventSource.join() === eventSource.join());
        const names = heard.flatMap(({ eventName }) => eventName);
        return (CALLS[`${eventSource[0]}`] ?? []).filter(
          (name) => isActedOn(`${eventSource[0]}`, name) && !names.includes(name),
        );
      });
    },
    breaks: [
      { type: RULE, name: "KeyChanges", set: { "eventPattern.detail.eventName": ["PutKeyPolicy"] } },
      { type: RULE, name: "AgentChanges", set: { "eventPattern.detail.eventName": ["CreateAgent"] } },
    ],
  },
];
