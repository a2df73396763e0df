import type { Caller, NamedPolicy } from "../contract.ts";
import type { Access } from "./access.ts";
import { MANAGED_SOURCE } from "./managed-policies.ts";
import type { FunctionModel, StackModel } from "./model.ts";

/**
 * Lambda keeps a function's variables encrypted under the AWS managed key `aws/lambda`, and decrypts them as the
 * function's role when it starts a process. What allows that is a grant that Lambda makes for the role, so that a
 * policy can only take it away: by a Deny.
 *
 * @returns why the function can't start, in Lambda's words; undefined when it can, or has no variables
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
export function decryptionRefusal(
  one: FunctionModel,
  caller: Caller,
  model: StackModel,
  access: Access,
): string | undefined {
  if (Object.keys(one.variables).length === 0) return undefined;
  const answer = access({
    caller,
    action: "kms:Decrypt",
    resource: `arn:aws:kms:${model.region}:${model.account}:key/${LAMBDA_KEY}`,
    resourcePolicy: grantTo(one.roleArn),
    context: {
      "kms:encryptioncontext:aws:lambda:functionarn": [one.arn],
      "kms:encryptioncontextkeys": ["aws:lambda:FunctionArn"],
    },
  });
  if (answer.kind === "allowed") return undefined;
  return `Lambda was unable to decrypt the environment variables because KMS access was denied. KMS Exception: AccessDeniedException KMS Message: ${answer.message}`;
}

/** Behind `alias/aws/lambda`; each account has another one. */
const LAMBDA_KEY = "1a2b3c4d-0000-4000-8000-00000000000a";

function grantTo(roleArn: string): NamedPolicy {
  return {
    source: `${MANAGED_SOURCE}grant on aws/lambda`,
    document: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: roleArn }, Action: "kms:Decrypt", Resource: "*" }],
    },
  };
}
