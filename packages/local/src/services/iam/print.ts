import type { Xml } from "../shared/query-protocol.ts";
import type { Group } from "./groups.ts";
import type { PolicyHolder } from "./holders.ts";
import type { Identity } from "./identities.ts";
import type { ManagedPolicy } from "./managed-policies.ts";

/** IAM answers its documents URL-encoded by RFC 3986, which is stricter than JavaScript. */
export function urlEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function printRole(role: Identity): { readonly [name: string]: Xml | undefined } {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt.toISOString(),
    AssumeRolePolicyDocument: urlEncoded(role.trust),
    Description: role.description,
    MaxSessionDuration: "3600",
    ...printMarks(role),
  };
}

export function printUser(user: Identity): { readonly [name: string]: Xml | undefined } {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: user.createdAt.toISOString(),
    ...printMarks(user),
  };
}

export function printGroup(group: Group): { readonly [name: string]: Xml | undefined } {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: group.arn,
    CreateDate: group.createdAt.toISOString(),
  };
}

export function printPolicy(policy: ManagedPolicy): { readonly [name: string]: Xml | undefined } {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    IsAttachable: "true",
    CreateDate: policy.createdAt.toISOString(),
    UpdateDate: ([...policy.versions.values()].at(-1)?.createdAt ?? policy.createdAt).toISOString(),
  };
}

/** Inline policies and attachments, as the whole account's details list them. */
export function printHeld(holder: PolicyHolder): { readonly inline: Xml; readonly attached: Xml } {
  return {
    inline: [...holder.policies].map(([PolicyName, text]) => ({ PolicyName, PolicyDocument: urlEncoded(text) })),
    attached: [...holder.attached].map((PolicyArn) => ({ PolicyName: PolicyArn.split("/").at(-1), PolicyArn })),
  };
}

function printMarks({ tags, boundary }: Identity): { readonly [name: string]: Xml | undefined } {
  return {
    PermissionsBoundary:
      boundary === undefined ? undefined : { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: boundary },
    Tags: tags.size === 0 ? undefined : [...tags].map(([Key, Value]) => ({ Key, Value })),
  };
}
