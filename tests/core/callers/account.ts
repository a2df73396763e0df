/**
 * Accounts for the tests of callers, in short: statements in place of documents, names in place of ARNs. What is not said
 * is as it mostly is: a key policy that leaves the key to IAM, and one agent on the key.
 */
import { type AccountId, accountId, agentArn, agentId, type KeyArn, keyArn } from "../../../packages/core/src/arn.ts";
import {
  type Group,
  type IamAccount,
  type PolicyText,
  type Role,
  readPolicyText,
  type User,
} from "../../../packages/core/src/callers/account.ts";
import type { KnownAgent } from "../../../packages/core/src/callers/find.ts";
import type { KnownKey } from "../../../packages/core/src/callers/judge.ts";
import type { PlanSettings } from "../../../packages/core/src/callers/plan.ts";
import { opaque } from "../../../packages/core/src/callers/policies.ts";
import { type Review, reviewCallers } from "../../../packages/core/src/callers/review.ts";

export const ACCOUNT = sure(accountId("111122223333"));
export const KEY = sure(keyArn(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`));
export const OTHER_KEY = sure(keyArn(KEY.replace("0a1b", "ffff")));

/** Statements of a 2012-10-17 document, a whole document, or its text. */
export type PolicyIn = readonly object[] | { readonly Statement: unknown } | string;

export interface AccountIn {
  readonly roles?: readonly RoleIn[];
  readonly users?: readonly (RoleIn & { readonly groups?: readonly string[] })[];
  readonly groups?: readonly Pick<RoleIn, "name" | "inline" | "attached">[];
  readonly managed?: Readonly<Record<string, PolicyIn>>;
}

export interface RoleIn {
  readonly name: string;
  readonly path?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly inline?: Readonly<Record<string, PolicyIn>>;
  /** Names of managed policies. */
  readonly attached?: readonly string[];
  readonly boundary?: string;
  readonly uniqueId?: string;
}

export interface AgentIn {
  readonly id: string;
  /** `null`: the key that AWS owns. */
  readonly key?: string | null;
  /** Keys of its numbered versions. */
  readonly versions?: readonly string[];
  readonly aliases?: readonly string[];
}

export interface Given extends AccountIn {
  /** By key: its policy, or null where it can't be read. */
  readonly keys?: Readonly<Record<string, PolicyIn | null>>;
  readonly agents?: readonly AgentIn[];
  readonly guardRoles?: readonly string[];
  /** The agents that are judged where these are not all. */
  readonly amongAgents?: readonly string[];
}

export const DELEGATES = [
  { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" },
];

export function managedArn(name: string): string {
  return name.startsWith("arn:") ? name : `arn:aws:iam::${ACCOUNT}:policy/${name}`;
}

export function policyText(policy: PolicyIn): string {
  if (typeof policy === "string") return policy;
  return JSON.stringify(Array.isArray(policy) ? { Version: "2012-10-17", Statement: policy } : policy);
}

export function accountFrom(given: AccountIn): IamAccount {
  return {
    id: ACCOUNT as AccountId,
    roles: (given.roles ?? []).map((role): Role => ({ kind: "role", ...entity("role", role) })),
    users: (given.users ?? []).map(
      (user): User => ({ kind: "user", ...entity("user", user), groups: user.groups ?? [] }),
    ),
    groups: new Map((given.groups ?? []).map((group): [string, Group] => [group.name, entity("group", group)])),
    managed: new Map(Object.entries(given.managed ?? {}).map(([name, policy]) => [managedArn(name), text(policy)])),
  };
}

function entity(kind: string, role: RoleIn) {
  const { name, path = "/", tags = {}, inline = {}, attached = [], boundary, uniqueId } = role;
  return {
    ...(uniqueId === undefined ? {} : { uniqueId }),
    arn: `arn:aws:iam::${ACCOUNT}:${kind}${path}${name}`,
    name,
    path,
    tags: new Map(Object.entries(tags)),
    inline: Object.entries(inline).map(([name, policy]) => ({ name, policy: text(policy) })),
    attached: attached.map(managedArn),
    boundary: boundary === undefined ? undefined : managedArn(boundary),
  };
}

function text(policy: PolicyIn): PolicyText {
  return readPolicyText(policyText(policy));
}

export function agentFrom({ id, key = KEY, versions = [], aliases = [] }: AgentIn): KnownAgent {
  const on = (arn: string | null) => (arn === null ? undefined : sure(keyArn(arn)));
  return {
    agent: {
      id: sure(agentId(id)),
      arn: sure(agentArn(`arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/${id}`)),
      name: "support",
      status: "PREPARED",
      roleArn: undefined,
      keyArn: on(key),
      createdAt: "2024-05-01T00:00:00Z",
      memoryEnabled: false,
      versions: versions.map((version, i) => ({
        version: String(i + 1),
        roleArn: undefined,
        keyArn: on(version),
        memoryEnabled: false,
      })),
    },
    aliases,
  };
}

export function keysFrom(keys: Given["keys"] = { [KEY]: DELEGATES }): ReadonlyMap<KeyArn, KnownKey> {
  return new Map(
    Object.entries(keys).map(([name, policy]): [KeyArn, KnownKey] => {
      const arn = sure(keyArn(name));
      const read: PolicyText = policy ? text(policy) : { kind: "unreadable", reason: "access denied", characters: 0 };
      const document = read.kind === "read" ? read.document : opaque(read, `key policy of ${arn}`);
      const facts = { arn, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };
      return [arn, { facts, policy: { origin: { kind: "key-policy", key: arn }, document } }];
    }),
  );
}

export function settingsFrom({ guardRoles = [], amongAgents }: Given): PlanSettings {
  return {
    modeTag: "bedrock-key-guard",
    guardRoles: new Set(guardRoles.map((name) => `arn:aws:iam::${ACCOUNT}:role/${name}`)),
    judged: amongAgents
      ? { kind: "these", among: ({ agent }) => amongAgents.some((id) => agent.endsWith(`/${id}`)) }
      : { kind: "all" },
  };
}

export const ONE_AGENT: readonly AgentIn[] = [{ id: "AGENT00001" }];

export function reviewOf(given: Given): Review {
  const agents = (given.agents ?? ONE_AGENT).map(agentFrom);
  return reviewCallers(accountFrom(given), agents, keysFrom(given.keys), settingsFrom(given));
}

export function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the test names something that is not of its type");
  return value;
}
