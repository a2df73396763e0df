import { arnHere, type Place } from "./place.ts";
import type { Settings } from "./settings.ts";

/** Free of SST, so that tests can read it for other settings than those of the resource graph. */
export interface KeyStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * What the reconciler may do with keys, and what it denies itself.
 *
 * @param functionName the reconciler's own, see `functionNameOf`
 */
export function keyPermissions(place: Place, settings: Settings, functionName: string): readonly KeyStatement[] {
  return [readKeys(place), writeKeys(place, settings), ...never, neverDecrypt(place, functionName)];
}

/** Lets a function see what a key is, and what its policy says. */
export function readKeys(place: Place): KeyStatement {
  return {
    Sid: "ReadKeys",
    Effect: "Allow",
    Action: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListResourceTags"],
    Resource: arnHere(place, "kms", "key/*"),
  };
}

/**
 * `kms:PutKeyPolicy` is control over the key, and IAM can't bound what the new policy says. It bounds which keys:
 * those that an agent can be encrypted with, and, where the owners want it, those with the opt-in tag.
 */
function writeKeys(place: Place, settings: Settings): KeyStatement {
  const { optIn } = settings.tags;
  return {
    Sid: "WriteKeyPolicies",
    Effect: "Allow",
    Action: "kms:PutKeyPolicy",
    Resource: arnHere(place, "kms", "key/*"),
    Condition: {
      StringEquals: {
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        ...(optIn ? { [`aws:ResourceTag/${optIn.key}`]: optIn.value } : {}),
      },
    },
  };
}

/** What no key policy can give the guard, whatever it says: a Deny here outweighs every Allow there. */
const never: readonly KeyStatement[] = [
  {
    Sid: "NeverBypassTheLockoutCheck",
    Effect: "Deny",
    Action: ["kms:PutKeyPolicy", "kms:CreateKey"],
    Resource: "*",
    Condition: { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } },
  },
  {
    Sid: "NeverUseOrManageKeys",
    Effect: "Deny",
    Action: [
      "kms:Encrypt",
      "kms:ReEncrypt*",
      "kms:GenerateDataKey*",
      "kms:CreateGrant",
      "kms:DisableKey",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
    ],
    Resource: "*",
  },
];

/**
 * Nor may it decrypt anything, but for one thing that is not its own doing: to start the function, Lambda decrypts its
 * environment variables as the function's role, by a grant on the AWS managed key `aws/lambda`. A Deny outweighs the
 * grant, and the function would never start. Lambda gives the function's ARN as encryption context, which nothing that
 * Bedrock encrypts carries. Without the key in the request a negated operator matches: every other Decrypt is denied.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
function neverDecrypt(place: Place, functionName: string): KeyStatement {
  const ownFunction = arnHere(place, "lambda", `function:${functionName}`);
  return {
    Sid: "NeverDecryptButToStart",
    Effect: "Deny",
    Action: "kms:Decrypt",
    Resource: "*",
    Condition: { StringNotEquals: { "kms:EncryptionContext:aws:lambda:FunctionArn": ownFunction } },
  };
}
