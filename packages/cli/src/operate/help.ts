/** How the commands that look after a deployed guard are used. By themselves, so that they can be shown without loading more. */

const WHICH = `  --table NAME    the guard's table, an output of its deployment; or BEDROCK_KEY_GUARD_TABLE
  --region NAME   the guard's Region, or AWS_REGION; a key's ARN has it`;
const ASKS = `  --yes           does it without asking
  --json          the answer as JSON; what would be done, and the question, then go to standard error`;
const ARN = "ARN is that of a key, or of a role or user that may invoke agents.";
const CREDENTIALS = "It calls AWS on your own credentials, found as the AWS CLI finds them. They need";
const READ_CALLER = `  on the role     iam:GetRole, iam:GetRolePolicy
  on the user     iam:GetUser, iam:GetUserPolicy`;

export const HISTORY_HELP = `bedrock-key-guard history ARN --table NAME [options]

Shows what the guard, or \`rollback\`, wrote to a key's policy, or to the inline policy \`BedrockKeyGuard\` of a role or
user: when, by whom, why, what, and what became of it; newest first. Nothing is written.
${ARN}
${CREDENTIALS}
  on the table    dynamodb:GetItem, dynamodb:Query

${WHICH}
  --limit N       how many entries, 20 by default
  --diff          with each entry's diff
  --json          all of it as JSON, with the policies before and after

Exit code: 0 shown, 1 AWS could not be read, 2 bad input.
`;

export const ROLLBACK_HELP = `bedrock-key-guard rollback ARN --table NAME [options]

Puts the policy back that stood before a write of the guard, where the policy still is what that write put: a key's, or
the inline policy \`BedrockKeyGuard\` of a role or user, which is deleted where there was none. The guard then leaves the
key, role or user alone until \`resume ARN\`. KMS's lockout check is never bypassed.
${ARN}
${CREDENTIALS}
  on the key      kms:GetKeyPolicy, kms:PutKeyPolicy
  on the role     iam:GetRole, iam:GetRolePolicy, iam:PutRolePolicy, iam:DeleteRolePolicy
  on the user     iam:GetUser, iam:GetUserPolicy, iam:PutUserPolicy, iam:DeleteUserPolicy
  on the table    dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem

${WHICH}
  --entry ID      which write to undo, as \`history\` names it; the guard's latest by default
  --reason TEXT   why; people read it in alerts
${ASKS}

Exit code: 0 the former policy stands, 1 it does not: refused, not written or not visible yet, 2 bad input.
`;

export const PAUSE_HELP = `bedrock-key-guard pause [ARN] --table NAME --reason TEXT [options]

Keeps the guard from writing: to one key, role or user, or to all where no ARN is given. It goes on looking, and tells
what it would have written. ${ARN}
${CREDENTIALS}
  on the key      kms:DescribeKey
${READ_CALLER}
  on the table    dynamodb:GetItem, dynamodb:PutItem

${WHICH}
  --reason TEXT   why; people read it in alerts
${ASKS}

Exit code: 0 paused, 1 not paused, 2 bad input.
`;

export const RESUME_HELP = `bedrock-key-guard resume [ARN] --table NAME [options]

Lets the guard write again: to one key, role or user that is on hold (by \`pause ARN\`, by \`rollback\`, or since another
writer kept removing what the guard gives), or, where no ARN is given, after \`pause\` without one.
${ARN}
${CREDENTIALS}
  on the table    dynamodb:GetItem, dynamodb:PutItem, dynamodb:DeleteItem

${WHICH}
${ASKS}

Exit code: 0 the guard may write, 1 it was not let, 2 bad input.
`;

export const FINDINGS_HELP = `bedrock-key-guard findings --table NAME [options]

Lists the findings that are open, the worst first: what is wrong, since when, who did it, and what to do. Nothing is
written. ${CREDENTIALS}
  on the table    dynamodb:GetItem, dynamodb:Query

${WHICH}
  --all           those that are over, too, as far as they are remembered (90 days)
  --json          all of it as JSON

Exit code: 0 nothing is open, 1 something is, or AWS could not be read, 2 bad input.
`;

export const SILENCE_HELP = `bedrock-key-guard silence FINDING [FINDING ...] --table NAME [options]

Has nobody told of findings for a while, in any channel. FINDING is the short name that alerts and \`findings\` show. The
guard goes on looking, and repairing; its own events on EventBridge go on, too. ${CREDENTIALS}
  on the table    dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem

${WHICH}
  --days N        for how long, 30 by default
  --reason TEXT   why; people read it in \`findings\`
  --lift          has people told again
${ASKS}

Exit code: 0 silenced, or lifted, 1 not, 2 bad input.
`;
