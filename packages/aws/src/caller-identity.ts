import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type Environment, settings } from "./clients.ts";
import { AwsCallError } from "./errors.ts";

/** Not among the clients of the functions: they know who they are. */
export function stsClient(environment: Environment): STSClient {
  return new STSClient(settings(environment));
}

/** Whose credentials are used. */
export interface CallerIdentity {
  /** A user's ARN, or a role's with the name of its session. */
  readonly arn: string;
  readonly account: string;
}

/**
 * `sts:GetCallerIdentity`, which everyone may call and no policy can forbid.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function callerIdentity(client: STSClient): Promise<CallerIdentity> {
  try {
    const { Arn: arn, Account: account } = await client.send(new GetCallerIdentityCommand({}));
    if (!arn || !account) throw new Error("the answer has no ARN or no account");
    return { arn, account };
  } catch (error) {
    throw new AwsCallError("sts:GetCallerIdentity", "these credentials", error);
  }
}
