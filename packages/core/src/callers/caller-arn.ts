import { type CallerArn, callerArn } from "../arn.ts";
import type { Identity } from "./account.ts";

/** @throws when IAM gave an identity whose ARN is none: it was read as one */
export function arnOf({ arn }: Pick<Identity, "arn">): CallerArn {
  const found = callerArn(arn);
  if (!found) throw new Error(`\`${arn}\` is no role's or user's ARN`);
  return found;
}
