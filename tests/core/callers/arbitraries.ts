/** Arbitrary accounts of the laws' universe: its roles and its user, with policies that often let them invoke agents. */
import fc from "fast-check";
import type { IamAccount, Identity, PolicyText } from "../../../packages/core/src/callers/account.ts";
import { anyIdentityPolicy, anyPolicy, type PolicyJson } from "../laws/policies.ts";
import { AGENT_IDS, KEY, OTHER_KEY, ROLES, USER } from "../laws/universe.ts";
import { ACCOUNT, accountFrom, type Given, managedArn } from "./account.ts";

const aliasArn = (agent: string, alias: string) => `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent-alias/${agent}/${alias}`;

/** Aliases that policies name, and one that none does. */
export const ALIAS_IDS = ["TSTALIASID", "PRODALIAS1", "PRODALIAS2", "BETAALIAS1", "UNNAMED001"];

const alias = fc.oneof(
  { arbitrary: fc.constantFrom("*"), weight: 3 },
  fc.constantFrom(...ALIAS_IDS.slice(0, 4), "PROD*", "*ALIAS1", "????ALIAS?"),
);
const aliasPattern = fc.oneof(
  {
    arbitrary: fc.tuple(fc.constantFrom(...AGENT_IDS, "*", "AGENT*"), alias).map(([a, b]) => aliasArn(a, b)),
    weight: 6,
  },
  fc.constantFrom("*", `arn:aws:bedrock:*:${ACCOUNT}:agent-alias/*`, "arn:aws:s3:::somewhere"),
);

const condition = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 8 },
  fc.constantFrom(
    { StringEquals: { "aws:RequestedRegion": "eu-west-1" } },
    { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } },
    { ArnEquals: { "aws:PrincipalArn": ROLES[0] } },
    { Bool: { "aws:MultiFactorAuthPresent": "true" } },
  ),
);

export const invoking = fc
  .record({
    effect: fc.constantFrom("Allow", "Allow", "Allow", "Deny"),
    negatedAction: fc.nat(6).map((n) => n === 0),
    action: fc.constantFrom("bedrock:InvokeAgent", "bedrock:Invoke*", "bedrock:*"),
    negatedResource: fc.nat(6).map((n) => n === 0),
    resource: fc.array(aliasPattern, { minLength: 1, maxLength: 2 }),
    condition,
  })
  .map((made) => ({
    Effect: made.effect,
    ...(made.negatedAction ? { NotAction: ["iam:*", "kms:*"] } : { Action: made.action }),
    [made.negatedResource ? "NotResource" : "Resource"]: made.resource,
    ...(made.condition ? { Condition: made.condition } : {}),
  }));

const statements = ({ Statement }: PolicyJson): readonly object[] => Statement;
const ALL = { Effect: "Allow", Action: "*", Resource: "*" };

const holder = fc.record({
  invoke: fc.array(invoking, { maxLength: 3 }),
  inline: fc.oneof(
    { arbitrary: fc.constant([]), weight: 3 },
    { arbitrary: anyIdentityPolicy.map(statements), weight: 2 },
  ),
  attached: fc.subarray(["One", "Two"]),
  boundary: fc.option(fc.constantFrom("One", "Wide"), { nil: undefined, freq: 5 }),
});

const keyPolicy = fc.oneof(
  { arbitrary: fc.constant<readonly object[]>([]), weight: 3 },
  { arbitrary: anyPolicy.map(statements), weight: 2 },
);

/** The key policy mostly leaves the key to IAM. */
function delegating(more: readonly object[], delegates: boolean): readonly object[] {
  const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  return delegates ? [{ Effect: "Allow", Principal: root, Action: "kms:*", Resource: "*" }, ...more] : more;
}

export const anyAccount: fc.Arbitrary<Given> = fc
  .record({
    holders: fc.array(holder, { minLength: ROLES.length + 1, maxLength: ROLES.length + 1 }),
    one: anyIdentityPolicy.map(statements),
    two: fc.array(invoking, { minLength: 1, maxLength: 2 }),
    group: fc.array(invoking, { maxLength: 1 }),
    key: keyPolicy,
    delegates: fc.nat(7).map((n) => n > 0),
    agents: fc.subarray(AGENT_IDS, { minLength: 1 }),
    moved: fc.boolean(),
  })
  .map(({ holders, one, two, group, key, delegates, agents, moved }): Given => {
    const made = [...ROLES, USER].map((arn, i) => {
      const [, path = "/", name = ""] = /:(?:role|user)(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? [];
      const { invoke = [], inline = [], attached = [], boundary } = holders[i] ?? {};
      const policies = { ...(invoke.length > 0 ? { invoke } : {}), ...(inline.length > 0 ? { more: inline } : {}) };
      return { name, path, inline: policies, attached, ...(boundary === undefined ? {} : { boundary }) };
    });
    const users = made.slice(ROLES.length).map((user) => ({ ...user, groups: ["bots"] }));
    return {
      roles: made.slice(0, ROLES.length),
      users,
      groups: [{ name: "bots", inline: group.length > 0 ? { invoke: group } : {} }],
      managed: { One: one, Two: two, Wide: [ALL] },
      keys: { [KEY]: delegating(key, delegates), [OTHER_KEY]: delegating([], true) },
      agents: agents.map((id, i) => ({ id, ...(moved && i === 0 ? { versions: [OTHER_KEY] } : {}) })),
    };
  });

/** The whole documents of an identity, as the engine takes them. */
export function documentsOf(given: Given, name: string) {
  const account = accountFrom(given);
  const identity = sureOf(
    [...account.roles, ...account.users].find((one) => one.name === name),
    name,
  );
  return documentsIn(account, identity);
}

export function documentsIn(account: IamAccount, identity: Identity) {
  const read = (policy: PolicyText | undefined) => {
    if (policy?.kind !== "read") throw new Error("the universe's policies can be read");
    return policy.document;
  };
  const groups = identity.kind === "user" ? identity.groups.map((name) => sureOf(account.groups.get(name), name)) : [];
  const held = [identity, ...groups].flatMap(({ inline, attached }) => [
    ...inline.map(({ policy }) => read(policy)),
    ...attached.map((arn) => read(account.managed.get(managedArn(arn)))),
  ]);
  const boundary = identity.boundary === undefined ? undefined : read(account.managed.get(identity.boundary));
  return { identityPolicies: held, ...(boundary ? { boundary } : {}) };
}

function sureOf<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`the universe has no \`${name}\``);
  return found;
}
