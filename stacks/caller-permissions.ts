import type { Place } from "./place.ts";
import type { Settings } from "./settings.ts";

/** Free of SST, so that tests can read it for other settings than those of the resource graph. */
export interface CallerStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What the callers function may do in IAM: read all of it, and only where the mode is `enforce`, write. */
export function callerPermissions(place: Place, settings: Settings): readonly CallerStatement[] {
  return [
    // GetAccountAuthorizationDetails knows no resources.
    { Sid: "ReadIam", Effect: "Allow", Action: "iam:GetAccountAuthorizationDetails", Resource: "*" },
    ...(settings.callers.mode === "enforce" ? writes(place, settings) : []),
  ];
}

/**
 * `iam:PutRolePolicy` is control over the account: whoever has it can give any role anything, and IAM can bound neither
 * the name nor the text of the policy. So the function that has it does one thing, has a role of its own, is there in one
 * mode only, and denies itself what would turn this into more: a Deny here outweighs every Allow, whoever gives it.
 * - It may not change the guard's own roles, so it can't widen itself, nor give one role both `iam:PutRolePolicy` and
 *   `kms:PutKeyPolicy`.
 * - It may not act as anyone else, so what it would give to another role is of no use to it.
 * - IAM bounds which roles and users, where the owners want it: those with the opt-in tag.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
function writes(place: Place, { tags: { optIn } }: Settings): readonly CallerStatement[] {
  const roles = iamArn(place, "role/*");
  const users = iamArn(place, "user/*");
  const tagged = optIn ? { Condition: { StringEquals: { [`aws:ResourceTag/${optIn.key}`]: optIn.value } } } : {};
  return [
    { Sid: "ReadRoles", Effect: "Allow", Action: ["iam:GetRole", "iam:GetRolePolicy"], Resource: roles },
    { Sid: "ReadUsers", Effect: "Allow", Action: ["iam:GetUser", "iam:GetUserPolicy"], Resource: users },
    {
      Sid: "WriteRolePolicies",
      Effect: "Allow",
      Action: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
      Resource: roles,
      ...tagged,
    },
    {
      Sid: "WriteUserPolicies",
      Effect: "Allow",
      Action: ["iam:PutUserPolicy", "iam:DeleteUserPolicy"],
      Resource: users,
      ...tagged,
    },
    {
      Sid: "NeverTheGuardsRolesNorReservedOnes",
      Effect: "Deny",
      Action: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
      Resource: [
        // Of every stage and Region: one guard may not widen another.
        iamArn(place, `role/${place.app}-*`),
        iamArn(place, "role/aws-service-role/*"),
        iamArn(place, "role/aws-reserved/*"),
      ],
    },
    ...never,
  ];
}

const never: readonly CallerStatement[] = [
  {
    Sid: "NeverActAsAnother",
    Effect: "Deny",
    Action: [
      "sts:AssumeRole",
      "iam:PassRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:CreateAccessKey",
      "iam:CreateLoginProfile",
      "iam:UpdateLoginProfile",
    ],
    Resource: "*",
  },
  {
    Sid: "NeverChangeIamOtherwise",
    Effect: "Deny",
    Action: [
      "iam:Attach*",
      "iam:Detach*",
      "iam:CreatePolicy*",
      "iam:SetDefaultPolicyVersion",
      "iam:PutGroupPolicy",
      "iam:AddUserToGroup",
      "iam:Put*PermissionsBoundary",
      "iam:Delete*PermissionsBoundary",
      "iam:Tag*",
      "iam:Untag*",
    ],
    Resource: "*",
  },
  {
    Sid: "NeverUseOrManageKeys",
    Effect: "Deny",
    Action: [
      "kms:PutKeyPolicy",
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

/** IAM's resources are of no Region. */
function iamArn(place: Place, resource: string): string {
  return `arn:${place.partition}:iam::${place.account}:${resource}`;
}
