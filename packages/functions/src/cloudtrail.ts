/**
 * Reads an EventBridge event that carries a CloudTrail record as a hint for the guard. Names are masked in such
 * records and keys may be out of date: only who did what to which agent or key is taken from them.
 */
import { agentIdText, keyArnText, reasonOf, time } from "@bedrock-key-guard/aws/schema.ts";
import { type AccountId, keyArn } from "@bedrock-key-guard/core/arn.ts";
import type { EventCause, GuardEvent } from "@bedrock-key-guard/core/intake/event.ts";
import * as z from "zod";
import { readActor, userIdentity } from "./actor.ts";

export type EventReading =
  | { readonly kind: "event"; readonly event: GuardEvent }
  /** Well-formed, and nothing that the guard acts on. */
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "malformed"; readonly reason: string };

const DETAIL_TYPE = "AWS API Call via CloudTrail";

const AGENT_EVENTS: ReadonlySet<string> = new Set([
  "CreateAgent",
  "UpdateAgent",
  "DeleteAgent",
  "PrepareAgent",
  "CreateAgentAlias",
  "UpdateAgentAlias",
  "DeleteAgentVersion",
  "DeleteAgentAlias",
]);

const KEY_EVENTS: ReadonlySet<string> = new Set([
  "PutKeyPolicy",
  "DisableKey",
  "EnableKey",
  "ScheduleKeyDeletion",
  "CancelKeyDeletion",
  "TagResource",
  "UntagResource",
]);

/**
 * What may change what a role or user may do, or whether the guard may write to it. Left out is what changes nothing for
 * anybody by itself:
 * - CreateRole, CreateUser, CreateGroup, CreatePolicy: nothing is allowed until a policy is put or attached
 * - DeleteRole, DeleteUser, DeleteGroup, DeletePolicy, DeletePolicyVersion: IAM refuses them while a policy, a membership or
 *   an attachment is left, or the version is the default one
 * - UpdateAssumeRolePolicy: who may become a role, not what the role may do
 *
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */
const IAM_EVENTS: ReadonlySet<string> = new Set([
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
  // Policies ask for tags of who calls, and one of them may keep the guard away.
  "TagRole",
  "TagUser",
  "UntagRole",
  "UntagUser",
  // A user's new name or path is a new ARN, which policies name.
  "UpdateUser",
]);

const short = z.string().max(256);

/** What every event must have to be told apart from others. */
const envelope = z.object({
  "detail-type": short,
  account: short,
  detail: z.object({ eventSource: short, eventName: short, errorCode: short.nullish() }),
});

/**
 * @param value - the event as EventBridge hands it on: JSON, already parsed.
 * @param account - the guard's own: a bus may be open to other accounts, whose agents and keys are not its business.
 */
export function readEvent(value: unknown, account: AccountId): EventReading {
  const outer = envelope.safeParse(value);
  if (!outer.success)
    return { kind: "malformed", reason: `not an event with a cloudtrail record: ${reasonOf(outer.error)}` };
  const { eventSource, eventName, errorCode } = outer.data.detail;
  if (outer.data["detail-type"] !== DETAIL_TYPE) return ignored(`its detail-type is \`${outer.data["detail-type"]}\``);
  if (outer.data.account !== account) return ignored(`it comes from account \`${outer.data.account}\``);
  // The rules leave failed calls out; on one, `responseElements` holds the error, so it can't tell by itself.
  if (errorCode) return ignored(`the call failed with \`${errorCode}\``);
  if (eventSource === "bedrock.amazonaws.com" && AGENT_EVENTS.has(eventName)) return readWith(agentEvent, value);
  if (eventSource === "kms.amazonaws.com" && KEY_EVENTS.has(eventName)) return readWith(keyEvent, value);
  if (eventSource === "iam.amazonaws.com" && IAM_EVENTS.has(eventName)) return readWith(iamEvent, value);
  return ignored(`\`${eventName}\` of \`${eventSource}\` is not an event that the guard acts on`);
}

function ignored(reason: string): EventReading {
  return { kind: "ignored", reason };
}

function readWith(schema: z.ZodType<GuardEvent>, value: unknown): EventReading {
  const parsed = schema.safeParse(value);
  return parsed.success
    ? { kind: "event", event: parsed.data }
    : { kind: "malformed", reason: `a cloudtrail record that can't be read: ${reasonOf(parsed.error)}` };
}

const common = {
  eventID: z.string().min(1).max(128),
  eventTime: time,
  eventName: short,
  userIdentity,
  sourceIPAddress: short.nullish(),
};

const agentRecord = z.object({
  ...common,
  requestParameters: z.object({ agentId: agentIdText.optional() }).nullish(),
  responseElements: z
    .object({ agentId: agentIdText.optional(), agent: z.object({ agentId: agentIdText.optional() }).optional() })
    .nullish(),
});

const agentEvent = z.object({ detail: agentRecord }).transform(({ detail }, context): GuardEvent => {
  // CreateAgent has its id in the answer only, under `agent`; the others have it in the request.
  const { requestParameters: asked, responseElements: answered } = detail;
  const agent = asked?.agentId ?? answered?.agentId ?? answered?.agent?.agentId;
  if (agent !== undefined) return { kind: "agent-changed", agent, cause: causeOf(detail) };
  context.addIssue({ code: "custom", message: "neither request nor response has an agentId" });
  return z.NEVER;
});

/** KMS's model lets a policy's text have this many characters; those that KMS takes are shorter. */
const LONGEST_POLICY = 131_072;

const keyRecord = z.object({
  ...common,
  resources: z.array(z.object({ ARN: keyArnText.optional() })).nullish(),
  requestParameters: z
    .object({ keyId: z.string().max(2_048).optional(), policy: z.string().max(LONGEST_POLICY).optional() })
    .nullish(),
});

const keyEvent = z.object({ detail: keyRecord }).transform(({ detail }, context): GuardEvent => {
  // `keyId` is what the caller typed, a bare id as often as not; `resources` always has the ARN.
  const key = detail.resources?.[0]?.ARN ?? keyArn(detail.requestParameters?.keyId ?? "");
  if (key !== undefined) {
    const policy = detail.eventName === "PutKeyPolicy" ? detail.requestParameters?.policy : undefined;
    return { kind: "key-changed", key, cause: causeOf(detail), policy };
  }
  context.addIssue({ code: "custom", message: "neither resources nor keyId has the key's arn" });
  return z.NEVER;
});

/** Whom it is about is not read: a policy of a group or of the account is many identities'. */
const iamEvent = z
  .object({ detail: z.object(common) })
  .transform(({ detail }): GuardEvent => ({ kind: "callers-changed", cause: causeOf(detail) }));

const commonRecord = z.object(common);

function causeOf(detail: z.infer<typeof commonRecord>): EventCause {
  return {
    kind: "event",
    id: detail.eventID,
    eventName: detail.eventName,
    actor: readActor(detail.userIdentity, detail.sourceIPAddress ?? undefined),
    at: detail.eventTime,
  };
}
