/** Arbitrary key policies of the universe: every element, written in the ways that KMS accepts. */
import fc from "fast-check";
import {
  ACCOUNT,
  ACTIONS,
  AGENT_ARNS,
  AGENT_KEY,
  BEDROCK,
  GRANT_KEY,
  KEY,
  OTHER_ACCOUNT,
  OTHER_KEY,
  ROLES,
  ROOT,
  USER,
} from "./universe.ts";

export type StatementJson = Readonly<Record<string, unknown>> & { readonly Effect: "Allow" | "Deny" };
export interface PolicyJson {
  readonly Version?: "2012-10-17" | "2008-10-17";
  readonly Id?: string;
  readonly Statement: readonly StatementJson[];
}

/** One text, or a list of some: IAM takes both. */
function oneOrMore<T>(member: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> {
  return fc.oneof(
    { arbitrary: member, weight: 3 },
    { arbitrary: fc.array(member, { minLength: 1, maxLength: 3 }), weight: 2 },
  );
}

const action = fc.oneof(
  { arbitrary: fc.constantFrom(...ACTIONS), weight: 3 },
  {
    arbitrary: fc.constantFrom(
      "kms:*",
      "*",
      "kms:GenerateDataKey*",
      "KMS:decrypt",
      "kms:?ecrypt",
      "kms:*Grant*",
      "s3:*",
    ),
    weight: 4,
  },
);
const resource = fc.oneof(
  { arbitrary: fc.constantFrom("*", KEY), weight: 6 },
  {
    arbitrary: fc.constantFrom(
      OTHER_KEY,
      `arn:aws:kms:*:${ACCOUNT}:key/*`,
      "arn:aws:kms:eu-west-1:*",
      `${KEY.slice(0, -1)}?`,
    ),
    weight: 2,
  },
);

const [role = USER] = ROLES;
const awsMember = fc.oneof(
  { arbitrary: fc.constantFrom(...ROLES, ...ROLES, ROOT, USER), weight: 6 },
  {
    arbitrary: fc.constantFrom(
      ACCOUNT,
      OTHER_ACCOUNT,
      "*",
      "AROA1234567890EXAMPLE",
      role.replace("service-role/", ""),
      `arn:aws:sts::${ACCOUNT}:assumed-role/SupportBot/s1`,
      role.replace(ACCOUNT, OTHER_ACCOUNT),
    ),
    weight: 2,
  },
);
const serviceMember = fc.constantFrom(BEDROCK, BEDROCK, BEDROCK, "lambda.amazonaws.com");
const principal = fc.oneof(
  { arbitrary: fc.record({ AWS: oneOrMore(awsMember) }), weight: 4 },
  { arbitrary: fc.record({ Service: oneOrMore(serviceMember) }), weight: 4 },
  { arbitrary: fc.record({ AWS: oneOrMore(awsMember), Service: oneOrMore(serviceMember) }), weight: 1 },
  { arbitrary: fc.constant("*"), weight: 1 },
);

/** Condition keys with the values that a policy compares them with and those that a request carries. */
export const CONDITION_KEYS: Readonly<
  Record<string, { readonly policy: readonly string[]; readonly request: readonly string[] }>
> = {
  [AGENT_KEY]: {
    policy: [...AGENT_ARNS, `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/*`, "arn:aws:bedrock:*:*:agent/AGENT0000?"],
    request: [...AGENT_ARNS, `arn:aws:bedrock:eu-west-1:${OTHER_ACCOUNT}:agent/AGENT00001`],
  },
  "aws:SourceAccount": { policy: [ACCOUNT, OTHER_ACCOUNT, "1111*"], request: [ACCOUNT, OTHER_ACCOUNT] },
  "aws:SourceArn": {
    policy: [...AGENT_ARNS.slice(0, 1), "arn:aws:bedrock:*:*:agent/*", "arn:aws:s3:::bucket"],
    request: AGENT_ARNS,
  },
  "aws:SourceVpce": { policy: ["vpce-1", "vpce-*"], request: ["vpce-1", "other"] },
  "aws:PrincipalArn": { policy: [...ROLES, `arn:aws:iam::${ACCOUNT}:role/*`], request: [] },
};
export const BOOL_KEYS = [GRANT_KEY, "aws:PrincipalIsAWSService", "aws:SecureTransport"];

const spelled = (key: string) => fc.oneof({ arbitrary: fc.constant(key), weight: 5 }, fc.constant(key.toLowerCase()));
const suffix = fc.constantFrom("", "", "IfExists");
const quantifier = fc.constantFrom("", "", "", "", "ForAnyValue:", "ForAllValues:");
const comparison = fc.constantFrom(
  "StringEquals",
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "ArnLike",
  "ArnEquals",
  "ArnNotLike",
);
const truth = fc.constantFrom<string | boolean>("true", "false", true, false);

const comparing = fc
  .constantFrom(...Object.entries(CONDITION_KEYS))
  .chain(([key, { policy }]) =>
    fc.tuple(quantifier, comparison, suffix, spelled(key), oneOrMore(fc.constantFrom(...policy))),
  )
  .filter(([, name, , , values]) => !name.startsWith("Arn") || [values].flat().every((text) => text.startsWith("arn:")))
  .map(([before, name, after, key, values]) => ({ [`${before}${name}${after}`]: { [key]: values } }));
const bool = fc
  .tuple(suffix, fc.constantFrom(...BOOL_KEYS), oneOrMore(truth))
  .map(([after, key, value]) => ({ [`Bool${after}`]: { [key]: value } }));
const presence = fc
  .tuple(fc.constantFrom(...Object.keys(CONDITION_KEYS), ...BOOL_KEYS), truth)
  .map(([key, value]) => ({ Null: { [key]: value } }));

/** The conditions of a statement; two that share an operator are merged into one block. */
const conditions = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 5 },
  {
    arbitrary: fc
      .array(fc.oneof({ arbitrary: comparing, weight: 5 }, { arbitrary: bool, weight: 3 }, presence), {
        minLength: 1,
        maxLength: 2,
      })
      .map((blocks) => Object.assign({}, ...blocks) as Readonly<Record<string, unknown>>),
    weight: 5,
  },
);

export function statementArb(effect: fc.Arbitrary<"Allow" | "Deny">): fc.Arbitrary<StatementJson> {
  return fc
    .record({
      Effect: effect,
      negatedPrincipal: fc.nat(9).map((n) => n === 0),
      principal,
      negatedAction: fc.nat(5).map((n) => n === 0),
      action: oneOrMore(action),
      negatedResource: fc.nat(9).map((n) => n === 0),
      resource: oneOrMore(resource),
      condition: conditions,
    })
    .map((made) => ({
      Effect: made.Effect,
      [made.negatedPrincipal ? "NotPrincipal" : "Principal"]: made.principal,
      [made.negatedAction ? "NotAction" : "Action"]: made.action,
      [made.negatedResource ? "NotResource" : "Resource"]: made.resource,
      ...(made.condition ? { Condition: made.condition } : {}),
    }));
}

export const anyStatement = statementArb(fc.constantFrom("Allow", "Allow", "Allow", "Allow", "Deny"));
export const allowStatement = statementArb(fc.constant("Allow"));
export const denyStatement = statementArb(fc.constant("Deny"));

const frame = fc.constantFrom<Omit<PolicyJson, "Statement">>(
  { Version: "2012-10-17", Id: "key-default-1" },
  { Version: "2012-10-17" },
  { Version: "2008-10-17" },
  {},
);

export const anyPolicy: fc.Arbitrary<PolicyJson> = fc
  .tuple(frame, fc.array(anyStatement, { minLength: 1, maxLength: 6 }))
  .map(([head, statements]) => ({ ...head, Statement: statements }));
