import type { NamedPolicy } from "../contract.ts";

/** Marks policies that AWS writes: what a run leaves unused in them is not the stack's to remove. */
export const MANAGED_SOURCE = "managed policy ";

/** The AWS managed policies that the stack may attach, by ARN. */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ],
};

/** @throws for a managed policy whose text the local AWS does not have. */
export function managedPolicy(arn: string): NamedPolicy {
  const actions = MANAGED[arn];
  if (!actions)
    throw new Error(`the local AWS does not have the managed policy \`${arn}\`; write its statements inline`);
  const Statement = [{ Effect: "Allow", Action: actions, Resource: "*" }];
  return { source: MANAGED_SOURCE + arn, document: { Version: "2012-10-17", Statement } };
}
