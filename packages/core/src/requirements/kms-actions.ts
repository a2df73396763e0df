/**
 * Members of the action patterns that requirements use, and one made-up member each: a statement that allows today's
 * members only will not allow tomorrow's.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  "kms:GenerateDataKey*": [
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
  ],
  "kms:ReEncrypt*": ["kms:ReEncryptFrom", "kms:ReEncryptTo"],
  // What an administrator does with a key: those that keep it usable and its policy changeable.
  "kms:*": [
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:PutKeyPolicy",
    "kms:EnableKey",
    "kms:ListGrants",
    "kms:ListResourceTags",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:GenerateDataKey",
  ],
};

const WITNESS: Readonly<Record<string, string>> = {
  "kms:GenerateDataKey*": "kms:GenerateDataKeyWitnessOfThePattern",
  "kms:ReEncrypt*": "kms:ReEncryptWitnessOfThePattern",
  "kms:*": "kms:WitnessOfThePattern",
};

export interface ActionMembers {
  readonly members: readonly string[];
  /** An action that no service has, matched by the pattern alone. */
  readonly witness: string | undefined;
}

/** The finite actions that prove a required action, which may be a pattern. */
export function membersOf(action: string): ActionMembers {
  const members = MEMBERS[action];
  if (members) return { members, witness: WITNESS[action] };
  if (action.includes("*"))
    throw new Error(`the action pattern \`${action}\` has no list of members in kms-actions.ts`);
  return { members: [action], witness: undefined };
}

/**
 * Calls that take no encryption context, of those that requirements ask about.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
 */
const WITHOUT_ENCRYPTION_CONTEXT = new Set([
  "kms:DescribeKey",
  "kms:DisableKey",
  "kms:EnableKey",
  "kms:GetKeyPolicy",
  "kms:ListGrants",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:RevokeGrant",
  "kms:ScheduleKeyDeletion",
]);

export function hasEncryptionContext(action: string): boolean {
  return !WITHOUT_ENCRYPTION_CONTEXT.has(action);
}
