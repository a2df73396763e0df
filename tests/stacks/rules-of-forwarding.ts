import { iamHome } from "../../stacks/iam-home.ts";
import { type Graph, list, type Resource, resources } from "./graph.ts";
import type { Rule } from "./rule.ts";
import { allowed } from "./rules-of-roles.ts";

const ROLE = "aws:iam/role:Role";
const RULE = "aws:cloudwatch/eventRule:EventRule";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const DAY = 24 * 60 * 60;
const HOME = iamHome("aws");

type EventRule = Resource<typeof RULE>;

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);
const regionOf = (arn: string) => arn.split(":")[3];
const hearsOfIam = ({ inputs }: EventRule) => inputs.eventPattern.source.includes("aws.iam");

/** Those that pass events on to a bus, each with its rule and its role. */
function forwards(graph: Graph) {
  return resources(graph, TARGET)
    .filter(({ inputs }) => inputs.arn.includes(":event-bus/"))
    .map(({ name, inputs }) => ({
      name,
      inputs,
      rule: resources(graph, RULE).find(
        (rule) => rule.inputs.name === inputs.rule && regionOf(rule.state.arn) === inputs.region,
      ),
      role: resources(graph, ROLE).find(({ state }) => state.arn === inputs.roleArn),
    }));
}

export const rulesOfForwarding: readonly Rule[] = [
  {
    says: "a rule that hears of IAM here has one like it where IAM's events arrive, which passes them on to its bus",
    brokenBy: (graph) => {
      const passing = forwards(graph).flatMap(({ inputs, rule }) =>
        rule && regionOf(rule.state.arn) === HOME
          ? [`${inputs.arn} ${JSON.stringify(rule.inputs.eventPattern)} ${rule.inputs.eventBusName}`]
          : [],
      );
      return names(
        resources(graph, RULE)
          .filter((rule) => hearsOfIam(rule) && regionOf(rule.state.arn) !== HOME)
          .filter(({ inputs, state }) => {
            const bus = `arn:aws:events:${regionOf(state.arn)}:111122223333:event-bus/${inputs.eventBusName}`;
            return !passing.includes(`${bus} ${JSON.stringify(inputs.eventPattern)} default`);
          }),
      );
    },
    breaks: [
      { type: TARGET, name: "CallerChangesToHub", set: { arn: "arn:aws:events:eu-west-1:111122223333:event-bus/x" } },
      // In the stack's own Region there is no such rule.
      { type: TARGET, name: "CallerChangesToHub", set: { region: undefined } },
      { type: RULE, name: "CallerChanges", set: { "eventPattern.detail.eventName": ["PutRolePolicy"] } },
      { type: RULE, name: "CallerChangesElsewhere", set: { "eventPattern.detail.eventName": ["PutRolePolicy"] } },
      { type: RULE, name: "CallerChangesElsewhere", set: { eventBusName: "another" } },
    ],
  },
  {
    says: "what passes events on tries for a day, by a role for that one rule that may put them on that one bus",
    brokenBy: (graph) =>
      names(
        forwards(graph).filter(({ inputs, rule, role }) => {
          const same = role?.inputs.assumeRolePolicy.Statement[0]?.Condition?.StringEquals ?? {};
          const actions = role ? allowed(role).map(({ Action, Resource }) => `${Action} ${list(Resource).join()}`) : [];
          return (
            role?.inputs.assumeRolePolicy.Statement[0]?.Principal?.Service !== "events.amazonaws.com" ||
            same["aws:SourceAccount"] !== "111122223333" ||
            same["aws:SourceArn"] !== rule?.state.arn ||
            actions.join() !== `events:PutEvents ${inputs.arn}` ||
            (inputs.retryPolicy?.maximumEventAgeInSeconds ?? 0) < DAY
          );
        }),
      ),
    breaks: [
      { type: TARGET, name: "CallerChangesToHub", set: { roleArn: undefined } },
      { type: TARGET, name: "CallerChangesToHub", set: { retryPolicy: undefined } },
      { type: ROLE, name: "ForwardRole", set: { "assumeRolePolicy.Statement.0.Condition": undefined } },
      {
        type: ROLE,
        name: "ForwardRole",
        set: {
          "assumeRolePolicy.Statement.0.Condition.StringEquals.aws:SourceArn":
            "arn:aws:events:us-east-1:111122223333:rule/another",
        },
      },
      {
        type: ROLE,
        name: "ForwardRole",
        set: { "assumeRolePolicy.Statement.0.Principal.Service": "scheduler.amazonaws.com" },
      },
      { type: ROLE, name: "ForwardRole", set: { "inlinePolicies.0.policy.Statement.0.Action": "events:PutRule" } },
      { type: ROLE, name: "ForwardRole", set: { "inlinePolicies.0.policy.Statement.0.Resource": "*" } },
    ],
  },
];
