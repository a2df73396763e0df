/**
 * Arbitrary policies of the universe: every element, written in the ways that KMS and IAM accept.
 *
 * `anyPolicy` also says what AWS's pages leave open (NotPrincipal, `{"AWS": "*"}` for a service, a quantifier on a key of
 * one value, a variable without a value, …), where the engine has to answer "depends". `clearPolicy` says only what they
 * settle.
 */
import fc from "fast-check";
import { KEY_USES, type KeyUse } from "./condition-keys.ts";
import {
  ACCOUNT,
  ACTIONS,
  BEDROCK,
  FOREIGN_ROLE,
  KEY,
  OTHER_ACCOUNT,
  OTHER_KEY,
  ROLES,
  ROOT,
  SESSIONS,
  USER,
} from "./universe.ts";

export type StatementJson = Readonly<Record<string, unknown>> & { readonly Effect: "Allow" | "Deny" };
export interface PolicyJson {
  readonly Version?: "2012-10-17" | "2008-10-17";
  readonly Id?: string;
  readonly Statement: readonly StatementJson[];
}

type Speech = "any" | "clear";

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
      "kms:ReEncrypt*",
      "KMS:decrypt",
      "kms:?ecrypt",
      "kms:*Grant*",
      "s3:*",
    ),
    weight: 4,
  },
);

const resource = (speech: Speech) =>
  fc.oneof(
    { arbitrary: fc.constantFrom("*", KEY), weight: 6 },
    {
      arbitrary: fc.constantFrom(
        OTHER_KEY,
        `arn:aws:kms:*:${ACCOUNT}:key/*`,
        `${KEY.slice(0, -1)}?`,
        ...(speech === "any"
          ? ["arn:aws:kms:eu-west-1:*", "arn:aws:kms:*:${aws:PrincipalAccount}:key/*", `${KEY}\${*}`]
          : []),
      ),
      weight: 2,
    },
  );

const [role = USER] = ROLES;
const awsMember = (speech: Speech) =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...ROLES, ...ROLES, ROOT, USER), weight: 6 },
    {
      arbitrary: fc.constantFrom(
        ACCOUNT,
        OTHER_ACCOUNT,
        "AROA1234567890EXAMPLE",
        FOREIGN_ROLE,
        ...(speech === "any" ? ["*", ...SESSIONS, role.replace("service-role/", "")] : []),
      ),
      weight: 2,
    },
  );
const serviceMember = fc.constantFrom(BEDROCK, BEDROCK, BEDROCK, "lambda.amazonaws.com");
const principal = (speech: Speech) =>
  fc.oneof(
    { arbitrary: fc.record({ AWS: oneOrMore(awsMember(speech)) }), weight: 4 },
    { arbitrary: fc.record({ Service: oneOrMore(serviceMember) }), weight: 4 },
    { arbitrary: fc.record({ AWS: oneOrMore(awsMember(speech)), Service: oneOrMore(serviceMember) }), weight: 1 },
    { arbitrary: fc.constant("*"), weight: 1 },
  );

const spelled = (key: string) => fc.oneof({ arbitrary: fc.constant(key), weight: 5 }, fc.constant(key.toLowerCase()));
const suffix = fc.constantFrom("", "", "IfExists");
const EACH = ["ForAnyValue:", "ForAllValues:"];

function comparing(speech: Speech, use: KeyUse): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const quantifiers = use.multivalued ? EACH : speech === "any" ? ["", "", "", "", ...EACH] : [""];
  return fc
    .tuple(fc.constantFrom(...quantifiers), fc.constantFrom(...use.operators), suffix, spelled(use.key))
    .chain(([quantifier, operator, after, key]) => {
      const texts = operator === "Bool" ? [...use.policy, true, false] : valuesFor(speech, use, operator);
      return oneOrMore(fc.constantFrom<string | boolean>(...texts)).map((values) => ({
        [`${quantifier}${operator}${after}`]: { [key]: values },
      }));
    });
}

/** ARN operators are for ARNs: what another text means to them is not said. */
function valuesFor(speech: Speech, { policy, variables = [] }: KeyUse, operator: string): readonly string[] {
  const texts = speech === "any" ? [...policy, ...policy, ...variables] : policy;
  return operator.startsWith("Arn") ? texts.filter((text) => text.startsWith("arn:")) : texts;
}

const anyUse = fc.constantFrom(...KEY_USES, ...KEY_USES.slice(0, 3));
const presence = fc
  .tuple(anyUse, fc.constantFrom<string | boolean>("true", "false", true, false))
  .map(([{ key }, wanted]) => ({ Null: { [key]: wanted } }));

/** The conditions of a statement; of two that share an operator the second stands. */
const conditions = (speech: Speech) =>
  fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 5 },
    {
      arbitrary: fc
        .array(
          fc.oneof(
            { arbitrary: anyUse.chain((use) => comparing(speech, use)), weight: 8 },
            { arbitrary: presence, weight: 1 },
          ),
          { minLength: 1, maxLength: 2 },
        )
        .map((blocks) => Object.assign({}, ...blocks) as Readonly<Record<string, unknown>>),
      weight: 5,
    },
  );

interface Grammar {
  readonly effect: fc.Arbitrary<"Allow" | "Deny">;
  readonly speech?: Speech;
  /** An identity policy has no principals. */
  readonly identity?: boolean;
}

export function statementArb({ effect, speech = "any", identity = false }: Grammar): fc.Arbitrary<StatementJson> {
  return fc
    .record({
      Effect: effect,
      negatedPrincipal: fc.nat(9).map((n) => n === 0 && speech === "any"),
      principal: principal(speech),
      negatedAction: fc.nat(5).map((n) => n === 0),
      action: oneOrMore(action),
      negatedResource: fc.nat(9).map((n) => n === 0),
      resource: oneOrMore(resource(speech)),
      condition: conditions(speech),
    })
    .map((made) => ({
      Effect: made.Effect,
      ...(identity ? {} : { [made.negatedPrincipal ? "NotPrincipal" : "Principal"]: made.principal }),
      [made.negatedAction ? "NotAction" : "Action"]: made.action,
      [made.negatedResource ? "NotResource" : "Resource"]: made.resource,
      ...(made.condition ? { Condition: made.condition } : {}),
    }));
}

const mostlyAllow = fc.constantFrom<"Allow" | "Deny">("Allow", "Allow", "Allow", "Allow", "Deny");
const anyStatement = statementArb({ effect: mostlyAllow });
export const allowStatement = statementArb({ effect: fc.constant("Allow") });
export const denyStatement = statementArb({ effect: fc.constant("Deny") });

const frame = fc.constantFrom<Omit<PolicyJson, "Statement">>(
  { Version: "2012-10-17", Id: "key-default-1" },
  { Version: "2012-10-17" },
  { Version: "2008-10-17" },
  {},
);

function policyOf(statement: fc.Arbitrary<StatementJson>, maxLength: number): fc.Arbitrary<PolicyJson> {
  return fc
    .tuple(frame, fc.array(statement, { minLength: 1, maxLength }))
    .map(([head, statements]) => ({ ...head, Statement: statements }));
}

export const anyPolicy = policyOf(anyStatement, 6);
export const clearPolicy = policyOf(statementArb({ effect: mostlyAllow, speech: "clear" }), 5);

export const identityAllow = statementArb({ effect: fc.constant("Allow"), identity: true });
export const identityDeny = statementArb({ effect: fc.constant("Deny"), identity: true });
export const anyIdentityPolicy = policyOf(statementArb({ effect: mostlyAllow, identity: true }), 3);
export const clearIdentityPolicy = policyOf(statementArb({ effect: mostlyAllow, identity: true, speech: "clear" }), 3);
