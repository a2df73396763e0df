/**
 * An account's IAM from the pages of GetAccountAuthorizationDetails.
 *
 * An account may have thousands of policies, many of them alike: equal documents are read once and are one object, and of
 * the managed policies those are read that somebody has.
 */
import type {
  GetAccountAuthorizationDetailsResponse,
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
} from "@aws-sdk/client-iam";
import { type AccountId, parseArn } from "@bedrock-key-guard/core/arn.ts";
import {
  type Group,
  type IamAccount,
  type InlinePolicy,
  type PolicyHolder,
  type PolicyText,
  type Role,
  readPolicyText,
  type User,
} from "@bedrock-key-guard/core/callers/account.ts";

/** An answer that this code can't make an account of. Names whom it is about, and never a policy. */
export class UnreadableAccountError extends Error {
  override readonly name = "UnreadableAccountError";

  constructor(what: string) {
    super(`IAM's answer about the account can't be read: ${what}`);
  }
}

export interface AccountReader {
  /** @throws UnreadableAccountError for a role, user or group without an ARN or a name that can be read */
  take(page: GetAccountAuthorizationDetailsResponse): void;
  /** To be asked once, after the last page. */
  account(): IamAccount;
}

export function newAccountReader(id: AccountId): AccountReader {
  const roles: Role[] = [];
  const users: User[] = [];
  const groups = new Map<string, Group>();
  const managed = new Map<string, string | undefined>();
  const documents = newDocuments();

  const holder = (
    kind: Kind,
    detail: HolderDetail,
    name?: string,
    inline: readonly PolicyDetail[] = [],
  ): PolicyHolder => {
    const known = nameOf(id, kind, detail.Arn, name);
    const { arn } = known;
    return {
      ...known,
      inline: inline.map((policy) => inlinePolicy(arn, policy, documents)),
      attached: (detail.AttachedManagedPolicies ?? []).map(({ PolicyArn }) =>
        required(PolicyArn, `${arn} has a managed policy without an arn`),
      ),
    };
  };
  const entity = (kind: Kind, detail: EntityDetail, name?: string, inline?: readonly PolicyDetail[]) => {
    const held = holder(kind, detail, name, inline);
    const { arn } = held;
    const boundary = detail.PermissionsBoundary;
    return {
      ...held,
      path: arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1),
      tags: new Map((detail.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
      boundary:
        boundary && required(boundary.PermissionsBoundaryArn, `${arn} has a permissions boundary without an arn`),
    };
  };

  return {
    take({ RoleDetailList = [], UserDetailList = [], GroupDetailList = [], Policies = [] }) {
      for (const role of RoleDetailList) {
        const named = entity("role", role, role.RoleName, role.RolePolicyList);
        roles.push({ kind: "role", uniqueId: role.RoleId, ...named });
      }
      for (const user of UserDetailList) {
        const named = entity("user", user, user.UserName, user.UserPolicyList);
        users.push({ kind: "user", uniqueId: user.UserId, ...named, groups: user.GroupList ?? [] });
      }
      for (const group of GroupDetailList) {
        const named = holder("group", group, group.GroupName, group.GroupPolicyList);
        groups.set(named.name, named);
      }
      for (const policy of Policies) {
        managed.set(required(policy.Arn, "a managed policy has no arn"), defaultDocument(policy));
      }
    },

    account() {
      const used = new Set([...roles, ...users, ...groups.values()].flatMap(({ attached }) => attached));
      for (const { boundary } of [...roles, ...users]) if (boundary !== undefined) used.add(boundary);
      const read = [...managed].filter(([arn]) => used.has(arn));
      return { id, roles, users, groups, managed: new Map(read.map(([arn, text]) => [arn, documents.read(text)])) };
    },
  };
}

type Kind = "role" | "user" | "group";

type HolderDetail = Pick<GroupDetail, "Arn" | "AttachedManagedPolicies">;
type EntityDetail = HolderDetail & Pick<RoleDetail, "Tags" | "PermissionsBoundary">;

function nameOf(account: AccountId, kind: Kind, arn: string | undefined, name: string | undefined) {
  const parts = parseArn(arn ?? "");
  const fits =
    parts?.service === "iam" &&
    parts.account === account &&
    parts.resource.startsWith(`${kind}/`) &&
    parts.resource.endsWith(`/${name}`);
  if (!fits || !arn || !name) {
    throw new UnreadableAccountError(`a ${kind} has the arn \`${arn ?? ""}\` and the name \`${name ?? ""}\``);
  }
  return { arn, name };
}

function inlinePolicy(of: string, { PolicyName, PolicyDocument }: PolicyDetail, documents: Documents): InlinePolicy {
  const name = required(PolicyName, `${of} has an inline policy without a name`);
  return { name, policy: documents.read(PolicyDocument) };
}

function defaultDocument({ PolicyVersionList = [], DefaultVersionId }: ManagedPolicyDetail): string | undefined {
  const version =
    PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion === true) ??
    PolicyVersionList.find(({ VersionId }) => VersionId !== undefined && VersionId === DefaultVersionId);
  return version?.Document;
}

interface Documents {
  read(text: string | undefined): PolicyText;
}

function newDocuments(): Documents {
  const known = new Map<string, PolicyText>();
  return {
    read(text) {
      if (text === undefined) return NOT_GIVEN;
      const former = known.get(text);
      if (former) return former;
      const read = readPolicyText(text);
      known.set(text, read);
      return read;
    },
  };
}

const NOT_GIVEN: PolicyText = { kind: "unreadable", reason: "IAM gave no document of it", characters: 0 };

function required(text: string | undefined, otherwise: string): string {
  if (!text) throw new UnreadableAccountError(otherwise);
  return text;
}
