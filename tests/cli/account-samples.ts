/** An account's IAM as `aws iam get-account-authorization-details` prints it. */
import { ACCOUNT, KEY, policy } from "./samples.ts";

export const INVOKE = { Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" };
export const USE = { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: KEY };

export const managedArn = (name: string) => `arn:aws:iam::${ACCOUNT}:policy/${name}`;

function entity(kind: "Role" | "User", name: string, path: string, statements: readonly object[], change: object) {
  return {
    Path: path,
    [`${kind}Name`]: name,
    [`${kind}Id`]: "AROAEXAMPLEEXAMPLE000",
    Arn: `arn:aws:iam::${ACCOUNT}:${kind.toLowerCase()}${path}${name}`,
    CreateDate: "2024-05-01T10:00:00+00:00",
    [`${kind}PolicyList`]: statements.length > 0 ? [inline("app", policyDocument(...statements))] : [],
    AttachedManagedPolicies: [],
    Tags: [],
    ...change,
  };
}

export function inline(name: string, document: unknown) {
  return { PolicyName: name, PolicyDocument: document };
}

export function policyDocument(...statements: readonly object[]) {
  const { Id: _, ...document } = policy(...statements);
  return document;
}

export function role(name: string, ...statements: readonly object[]) {
  return roleWith(name, {}, ...statements);
}

export function roleWith(
  name: string,
  change: Readonly<Record<string, unknown>> & { readonly Path?: string },
  ...statements: readonly object[]
) {
  return {
    ...entity("Role", name, change.Path ?? "/", statements, change),
    AssumeRolePolicyDocument: policyDocument(),
    InstanceProfileList: [],
    RoleLastUsed: {},
  };
}

export function userWith(name: string, change: object, ...statements: readonly object[]) {
  return { GroupList: [], ...entity("User", name, "/", statements, change) };
}

export function group(name: string, document: unknown) {
  return {
    Path: "/",
    GroupName: name,
    GroupId: "AGPAEXAMPLEEXAMPLE000",
    Arn: `arn:aws:iam::${ACCOUNT}:group/${name}`,
    GroupPolicyList: [inline("group", document)],
    AttachedManagedPolicies: [],
  };
}

/** With a former version, which says nothing. */
export function managed(name: string, document: unknown) {
  return {
    PolicyName: name,
    PolicyId: "ANPAEXAMPLEEXAMPLE000",
    Arn: managedArn(name),
    Path: "/",
    DefaultVersionId: "v2",
    AttachmentCount: 1,
    IsAttachable: true,
    PolicyVersionList: [
      { Document: policyDocument(), VersionId: "v1", IsDefaultVersion: false },
      { Document: document, VersionId: "v2", IsDefaultVersion: true },
    ],
  };
}

export function attached(...names: readonly string[]) {
  return { AttachedManagedPolicies: names.map((name) => ({ PolicyName: name, PolicyArn: managedArn(name) })) };
}

interface Details {
  readonly roles?: readonly object[];
  readonly users?: readonly object[];
  readonly groups?: readonly object[];
  readonly policies?: readonly object[];
}

export function details({ roles = [], users = [], groups = [], policies = [] }: Details, more: object = {}) {
  return { UserDetailList: users, GroupDetailList: groups, RoleDetailList: roles, Policies: policies, ...more };
}

/** As IAM's API gives a document. */
export function urlEncoded(document: object): string {
  return encodeURIComponent(JSON.stringify(document));
}
