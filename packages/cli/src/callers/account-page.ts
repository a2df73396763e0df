/** A page of an account's IAM as `aws iam get-account-authorization-details` prints it, read with care. */
import {
  type Group,
  type InlinePolicy,
  type PolicyHolder,
  type PolicyText,
  type Role,
  readPolicyText,
  type User,
} from "@bedrock-key-guard/core/callers/account.ts";
import { isObject, type Json, type JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import { joined, member, objectAt, textAt, wrong } from "../input/shape.ts";

const WANTED = "what `aws iam get-account-authorization-details` prints";

export interface AccountPage {
  readonly roles: readonly Role[];
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly managed: readonly { readonly arn: string; readonly policy: PolicyText }[];
  /** Another page follows. */
  readonly truncated: boolean;
}

const LISTS = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"] as const;

/**
 * A policy document that can't be understood is no wrong input: it is kept, and makes what it might decide undecided.
 *
 * @throws InputError naming the member
 */
export function readAccountPage(value: Json): AccountPage {
  const page = objectAt("", value, WANTED);
  if (LISTS.every((name) => member(page, name) === undefined)) throw wrong("RoleDetailList", undefined, WANTED);
  return {
    users: each(page, "UserDetailList", "", (path, user) => ({
      kind: "user",
      ...entityAt(path, user, "User"),
      groups: texts(user, "GroupList", path),
    })),
    groups: each(page, "GroupDetailList", "", (path, group) => holderAt(path, group, "Group")),
    roles: each(page, "RoleDetailList", "", (path, role) => ({ kind: "role", ...entityAt(path, role, "Role") })),
    managed: each(page, "Policies", "", managedAt),
    truncated: member(page, "IsTruncated") === true || member(page, "NextToken") !== undefined,
  };
}

type Kind = "User" | "Group" | "Role";

function entityAt(path: string, entity: JsonObject, kind: Kind): Omit<Role, "kind"> {
  const holder = holderAt(path, entity, kind);
  const boundary = member(entity, "PermissionsBoundary");
  const boundaryPath = joined(path, "PermissionsBoundary");
  const tags = each(entity, "Tags", path, (at, tag): [string, string] => {
    const value = member(tag, "Value");
    if (typeof value !== "string") throw wrong(joined(at, "Value"), value, "a tag's value");
    return [textAt(joined(at, "Key"), member(tag, "Key"), "a tag's name"), value];
  });
  return {
    ...holder,
    path: pathIn(holder),
    tags: new Map(tags),
    boundary:
      boundary === undefined
        ? undefined
        : managedArnAt(
            joined(boundaryPath, "PermissionsBoundaryArn"),
            member(objectAt(boundaryPath, boundary, WANTED), "PermissionsBoundaryArn"),
          ),
  };
}

function holderAt(path: string, holder: JsonObject, kind: Kind): PolicyHolder {
  const name = textAt(joined(path, `${kind}Name`), member(holder, `${kind}Name`), WANTED);
  const arn = textAt(joined(path, "Arn"), member(holder, "Arn"), WANTED);
  if (!ENTITY.test(arn) || !arn.includes(`:${kind.toLowerCase()}/`) || arn.slice(arn.lastIndexOf("/") + 1) !== name) {
    throw wrong(joined(path, "Arn"), arn, `the ARN of the ${kind.toLowerCase()} \`${name}\``);
  }
  return {
    arn,
    name,
    inline: each(holder, `${kind}PolicyList`, path, inlineAt),
    attached: each(holder, "AttachedManagedPolicies", path, (at, policy) =>
      managedArnAt(joined(at, "PolicyArn"), member(policy, "PolicyArn")),
    ),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names */
const ENTITY = /^arn:aws[a-z-]*:iam::\d{12}:(?:user|group|role)(?:\/[\u0021-\u007e]*)?\/[\w+=,.@-]+$/;

function pathIn({ arn }: PolicyHolder): string {
  return arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);
}

function inlineAt(path: string, policy: JsonObject): InlinePolicy {
  return {
    name: textAt(joined(path, "PolicyName"), member(policy, "PolicyName"), WANTED),
    policy: documentAt(joined(path, "PolicyDocument"), member(policy, "PolicyDocument")),
  };
}

function managedAt(path: string, policy: JsonObject): AccountPage["managed"][number] {
  const arn = managedArnAt(joined(path, "Arn"), member(policy, "Arn"));
  const used = member(policy, "DefaultVersionId");
  const versions = each(policy, "PolicyVersionList", path, (at, version) => ({ at, version }));
  const found = versions.find(({ version }) => isDefault(version, used));
  if (!found) {
    throw wrong(
      joined(path, "PolicyVersionList"),
      member(policy, "PolicyVersionList"),
      "the default version among them",
    );
  }
  return { arn, policy: documentAt(joined(found.at, "Document"), member(found.version, "Document")) };
}

function isDefault(version: JsonObject, used: Json | undefined): boolean {
  const said = member(version, "IsDefaultVersion");
  return said === true || (said === undefined && used !== undefined && member(version, "VersionId") === used);
}

function managedArnAt(path: string, value: Json | undefined): string {
  const arn = textAt(path, value, "a managed policy's ARN");
  if (!/^arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy\/[\u0021-\u007e]+$/.test(arn)) {
    throw wrong(path, arn, "a managed policy's ARN");
  }
  return arn;
}

/** An object, as the AWS CLI prints it; or its text, which IAM's API URL-encodes. */
function documentAt(path: string, value: Json | undefined): PolicyText {
  if (typeof value === "string") return readPolicyText(value);
  if (!isObject(value)) throw wrong(path, value, "a policy document, or its text");
  return readPolicyText(JSON.stringify(value));
}

function texts(object: JsonObject, name: string, path: string): readonly string[] {
  return list(object, name, path).map(({ at, item }) => textAt(at, item, "a name"));
}

function each<T>(
  object: JsonObject,
  name: string,
  path: string,
  read: (path: string, item: JsonObject) => T,
): readonly T[] {
  return list(object, name, path).map(({ at, item }) => read(at, objectAt(at, item, WANTED)));
}

/** A list that is left out, as some tools leave out empty ones, is empty. */
function list(object: JsonObject, name: string, path: string): readonly { readonly at: string; readonly item: Json }[] {
  const value = member(object, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(joined(path, name), value, "a list");
  return value.map((item: Json, i) => ({ at: `${joined(path, name)}[${i}]`, item }));
}
