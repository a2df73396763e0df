import { type CallerArn, partsOf } from "@bedrock-key-guard/core/arn.ts";

/** IAM has its own calls for each. */
export function kindOf(caller: CallerArn): "role" | "user" {
  return partsOf(caller).resource.startsWith("user/") ? "user" : "role";
}
