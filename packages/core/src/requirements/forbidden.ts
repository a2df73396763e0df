/**
 * Uses of the key that the documented statements do not allow, each as one call that a stranger could make. Strangers are
 * made up (`${otherAgentArn}`, `${otherAccount}`): a statement that names somebody for a purpose of its own is not meant.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-agents.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/ltm-permissions.html
 */
import type { ContextFact, ForbiddenUse } from "./requirement.ts";

const SESSION_ACTIONS = ["kms:GenerateDataKey", "kms:Decrypt"];
const MEMORY_ACTIONS = ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"];
/** Whoever may do one of these takes the key over, or away. */
const ADMINISTRATION = ["kms:PutKeyPolicy", "kms:DisableKey", "kms:ScheduleKeyDeletion"];
const CONTEXT = "kms:EncryptionContext:aws:bedrock:arn";

const MADE_UP = "made up for this question";
const is = (value: string): ContextFact => ({ value, because: MADE_UP });
const ABSENT: ContextFact = { absent: true, because: MADE_UP };

const STRANGE_SERVICE = { Service: "stranger.amazonaws.com" };
const AS_STRANGE_SERVICE = { "aws:PrincipalServiceName": is(STRANGE_SERVICE.Service), "kms:ViaService": ABSENT };

function asRole(role: string, account: string): Pick<Required<ForbiddenUse>, "Principal" | "context"> {
  return {
    Principal: { AWS: role },
    context: {
      "aws:PrincipalIsAWSService": is("false"),
      "aws:PrincipalServiceName": ABSENT,
      "aws:PrincipalArn": is(role),
      "aws:PrincipalAccount": is(account),
      "aws:PrincipalType": is("AssumedRole"),
      "kms:CallerAccount": is(account),
    },
  };
}

/** For whom the service calls: the confused-deputy keys name the resource and its account. */
const forOtherAccount = (resource: ContextFact): ForbiddenUse["context"] => ({
  "aws:SourceAccount": is("${otherAccount}"),
  "aws:SourceArn": resource,
  "kms:CallerAccount": is("${otherAccount}"),
});

export const OF_SESSIONS: readonly ForbiddenUse[] = [
  {
    what: "Amazon Bedrock use the key for an agent that is not on it",
    Action: SESSION_ACTIONS,
    context: { [CONTEXT]: is("${otherAgentArn}"), "aws:SourceArn": is("${otherAgentArn}") },
  },
  {
    what: "Amazon Bedrock use the key for an agent of another account",
    Action: SESSION_ACTIONS,
    context: { [CONTEXT]: is("${otherAccountAgentArn}"), ...forOtherAccount(is("${otherAccountAgentArn}")) },
  },
  {
    what: "Amazon Bedrock use the key for something that is no agent",
    Action: SESSION_ACTIONS,
    context: { [CONTEXT]: ABSENT, "kms:EncryptionContextKeys": ABSENT, "aws:SourceArn": ABSENT },
  },
  {
    what: "another AWS service use the key",
    Principal: STRANGE_SERVICE,
    Action: SESSION_ACTIONS,
    context: AS_STRANGE_SERVICE,
  },
  {
    what: "Amazon Bedrock encrypt data with the key itself, in place of a data key",
    Action: ["kms:Encrypt"],
    context: {},
  },
  {
    what: "Amazon Bedrock administer the key",
    Action: ADMINISTRATION,
    context: { [CONTEXT]: ABSENT, "aws:SourceArn": ABSENT },
  },
];

export const OF_THE_ROLE: readonly ForbiddenUse[] = [
  { what: "the agent's service role administer the key", Action: ADMINISTRATION, context: {} },
];

export const OF_GRANTS: readonly ForbiddenUse[] = [
  {
    what: "Amazon Bedrock create grants that are not for resources of AWS services",
    Action: ["kms:CreateGrant"],
    context: { "kms:GrantIsForAWSResource": is("false") },
  },
  {
    what: "another AWS service create grants on the key",
    Principal: STRANGE_SERVICE,
    Action: ["kms:CreateGrant"],
    context: AS_STRANGE_SERVICE,
  },
];

/** The page's own statement is for the aliases of all agents of the account: another agent's alias is no stranger's. */
export const OF_MEMORY: readonly ForbiddenUse[] = [
  {
    what: "Amazon Bedrock encrypt the memory of an agent of another account",
    Action: MEMORY_ACTIONS,
    context: forOtherAccount(is("${otherAccountAgentAlias}")),
  },
  {
    what: "Amazon Bedrock re-encrypt for something that is no agent",
    Action: MEMORY_ACTIONS,
    context: { "aws:SourceArn": ABSENT },
  },
  {
    what: "another AWS service encrypt and re-encrypt as for an agent's memory",
    Principal: STRANGE_SERVICE,
    Action: MEMORY_ACTIONS,
    context: AS_STRANGE_SERVICE,
  },
  { what: "Amazon Bedrock administer the key for an agent's memory", Action: ADMINISTRATION, context: {} },
];

export const FOR_THE_KEY: readonly ForbiddenUse[] = [
  {
    what: "any role of the account use the key, whatever its IAM policies say",
    Action: SESSION_ACTIONS,
    ...asRole("arn:${partition}:iam::${account}:role/Stranger", "${account}"),
  },
  {
    what: "any role of the account administer the key, whatever its IAM policies say",
    Action: ADMINISTRATION,
    ...asRole("arn:${partition}:iam::${account}:role/Stranger", "${account}"),
  },
  {
    what: "other AWS accounts use the key",
    Action: SESSION_ACTIONS,
    ...asRole("arn:${partition}:iam::${otherAccount}:role/Stranger", "${otherAccount}"),
  },
  {
    what: "other AWS accounts administer the key",
    Action: ADMINISTRATION,
    ...asRole("arn:${partition}:iam::${otherAccount}:role/Stranger", "${otherAccount}"),
  },
];
