/** How the commands that look after a deployed guard are used. By themselves, so that they can be shown without loading more. */

const WHICH = `  --table NAME    the guard's table, an output of its deployment; or BEDROCK_KEY_GUARD_TABLE`;
const ASKS = `  --yes           does it without asking
  --json          the answer as JSON; what would be done, and the question, then go to standard error`;
const REGION = `  --region NAME   the guard's Region, where no key is given; or AWS_REGION. A key's ARN has it`;
const CREDENTIALS = "It calls AWS on your own credentials, found as the AWS CLI finds them. They need";

export const HISTORY_HELP = `bedrock-key-guard history KEY --table NAME [options]

Shows what the guard, or \`rollback\`, wrote to a key's policy: when, by whom, why, what, and what became of it; newest
first. Nothing is written. KEY is the key's ARN.
${CREDENTIALS}
  on the table    dynamodb:GetItem, dynamodb:Query

${WHICH}
  --limit N       how many entries, 20 by default
  --diff          with each entry's diff
  --json          all of it as JSON, with the policies before and after

Exit code: 0 shown, 1 AWS could not be read, 2 bad input.
`;

export const ROLLBACK_HELP = `bedrock-key-guard rollback KEY --table NAME [options]

Puts the policy back that stood before a write of the guard, where the key's policy still is what that write put. The
guard then leaves the key alone until \`resume KEY\`. KMS's lockout check is never bypassed. KEY is the key's ARN.
${CREDENTIALS}
  on the key      kms:GetKeyPolicy, kms:PutKeyPolicy
  on the table    dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem

${WHICH}
  --entry ID      which write to undo, as \`history\` names it; the guard's latest by default
  --reason TEXT   why; people read it in alerts
${ASKS}

Exit code: 0 KMS shows the former policy, 1 it does not: refused, not written or not visible yet, 2 bad input.
`;

export const PAUSE_HELP = `bedrock-key-guard pause [KEY] --table NAME --reason TEXT [options]

Keeps the guard from writing: to one key, or to all where no KEY is given. It goes on looking, and tells what it would
have written. KEY is the key's ARN.
${CREDENTIALS}
  on the key      kms:DescribeKey
  on the table    dynamodb:GetItem, dynamodb:PutItem

${WHICH}
${REGION}
  --reason TEXT   why; people read it in alerts
${ASKS}

Exit code: 0 paused, 1 not paused, 2 bad input.
`;

export const RESUME_HELP = `bedrock-key-guard resume [KEY] --table NAME [options]

Lets the guard write again: to one key that is on hold (by \`pause KEY\`, by \`rollback\`, or since another writer kept
removing the guard's statements), or, where no KEY is given, after \`pause\` without one. KEY is the key's ARN.
${CREDENTIALS}
  on the table    dynamodb:GetItem, dynamodb:PutItem, dynamodb:DeleteItem

${WHICH}
${REGION}
${ASKS}

Exit code: 0 the guard may write, 1 it was not let, 2 bad input.
`;
