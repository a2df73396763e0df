import { iamHome } from "./iam-home.ts";
import { arnHere, type Place, roleNameOf } from "./place.ts";
import { policy, trustOf } from "./policy.ts";
import { pattern, type RecordedCalls } from "./recorded-calls.ts";

/** What CloudTrail records of IAM. What is attached or has a policy of its own can't be deleted: no deletion is here. */
export const callerChanges: RecordedCalls = {
  id: "CallerChanges",
  name: "caller-changes",
  description: "Calls that may change who may invoke an agent, or use its key by a policy of IAM",
  service: "iam",
  eventNames: [
    "PutRolePolicy",
    "PutUserPolicy",
    "PutGroupPolicy",
    "DeleteRolePolicy",
    "DeleteUserPolicy",
    "DeleteGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "AttachGroupPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "DetachGroupPolicy",
    "CreatePolicyVersion",
    "SetDefaultPolicyVersion",
    "AddUserToGroup",
    "RemoveUserFromGroup",
    "PutRolePermissionsBoundary",
    "PutUserPermissionsBoundary",
    "DeleteRolePermissionsBoundary",
    "DeleteUserPermissionsBoundary",
    // Conditions ask for tags, and a tag may keep the guard's hands off.
    "TagRole",
    "TagUser",
    "UntagRole",
    "UntagUser",
    // A new name is a new ARN, which policies name.
    "UpdateUser",
  ],
};

/**
 * Where the guard lives in another Region than IAM's events arrive in: passes them on to the default bus here, where a
 * rule of the same pattern takes them up as if they had come by themselves.
 *
 * What EventBridge can't pass on within a day is lost, and the next sweep finds what it was about. A queue for such dead
 * letters would have to be in IAM's Region, and its alarm could not reach this Region's topic: it would be one that
 * nobody looks at.
 */
export function forwardCallerChanges(place: Place): void {
  const home = iamHome(place.partition);
  if (home === place.region) return;
  // Rules are named by Region, and several deployments may forward from this one.
  const name = `${place.prefix}-callers-to-${place.region}`;
  const hub = arnHere(place, "events", "event-bus/default");
  const role = new aws.iam.Role("ForwardRole", {
    name: roleNameOf(place, "forward"),
    description: `Lets a rule in ${home} pass events of IAM on to ${place.region}`,
    assumeRolePolicy: trustOf("events.amazonaws.com", {
      StringEquals: {
        "aws:SourceAccount": place.account,
        // As EventBridge's console writes it; to be confirmed in a live account.
        "aws:SourceArn": arnHere({ ...place, region: home }, "events", `rule/${name}`),
      },
    }),
    inlinePolicies: [
      {
        name: "forward",
        policy: policy([{ Sid: "PassOn", Effect: "Allow", Action: "events:PutEvents", Resource: hub }]),
      },
    ],
  });
  const rule = new aws.cloudwatch.EventRule("CallerChangesElsewhere", {
    region: home,
    name,
    description: `${callerChanges.description}: passed on to ${place.region}`,
    eventBusName: "default",
    eventPattern: pattern(callerChanges),
  });
  new aws.cloudwatch.EventTarget("CallerChangesToHub", {
    region: home,
    rule: rule.name,
    eventBusName: "default",
    targetId: "hub",
    arn: hub,
    roleArn: role.arn,
    retryPolicy: { maximumEventAgeInSeconds: 24 * 60 * 60, maximumRetryAttempts: 185 },
  });
}
