/**
 * The condition keys of the universe: with which operators policies ask for them, the values that policies compare them
 * with, and those that a request carries. For each value of a policy there is one in a request that meets it and one that
 * does not, so that trying all of a key's values tries all that can matter.
 */
import {
  ACCOUNT,
  AGENT_ARNS,
  AGENT_KEY,
  ALIAS_PATTERNS,
  ALIASES,
  BOOL_KEYS,
  CONTEXT_KEYS,
  EVERY_ALIAS,
  OTHER_ACCOUNT,
  ROLES,
  USER,
} from "./universe.ts";

export interface KeyUse {
  readonly key: string;
  readonly operators: readonly string[];
  readonly policy: readonly string[];
  /** Values that only Version 2012-10-17 reads as more than their text. */
  readonly variables?: readonly string[];
  /** What a request may carry; empty for a key that follows from who calls. */
  readonly request: readonly (readonly string[])[];
  /** Asked for with ForAnyValue and ForAllValues only: a request may carry several values. */
  readonly multivalued?: boolean;
}

const STRING = [
  "StringEquals",
  "StringEquals",
  "StringNotEquals",
  "StringLike",
  "StringNotLike",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
];
const ARN = ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"];
const SIZES = ["LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
const NUMERIC = ["Equals", "NotEquals", ...SIZES].map((name) => `Numeric${name}`);
const DATE = ["Equals", "NotEquals", ...SIZES].map((name) => `Date${name}`);

const one = (...texts: readonly string[]) => texts.map((text) => [text]);

export const KEY_USES: readonly KeyUse[] = [
  {
    key: AGENT_KEY,
    operators: [...STRING, ...ARN],
    policy: [...AGENT_ARNS, `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/*`, "arn:aws:bedrock:*:*:agent/AGENT0000?"],
    variables: ["arn:aws:bedrock:*:${aws:SourceAccount}:agent/*"],
    request: one(...AGENT_ARNS, `arn:aws:bedrock:eu-west-1:${OTHER_ACCOUNT}:agent/AGENT00001`, "nothing of ours"),
  },
  {
    key: "aws:SourceAccount",
    operators: STRING,
    policy: [ACCOUNT, OTHER_ACCOUNT, "1111*"],
    variables: ["${aws:PrincipalAccount}", `\${aws:PrincipalAccount, '${OTHER_ACCOUNT}'}`],
    request: one(ACCOUNT, OTHER_ACCOUNT, "000000000000"),
  },
  {
    key: "aws:SourceArn",
    operators: [...STRING, ...ARN],
    policy: [
      ...AGENT_ARNS.slice(0, 1),
      ...ALIAS_PATTERNS.slice(0, 1),
      "arn:aws:bedrock:*:*:agent/*",
      EVERY_ALIAS,
      "arn:aws:s3:::bucket",
    ],
    request: one(
      ...AGENT_ARNS.slice(0, 2),
      ...ALIASES,
      "arn:aws:s3:::bucket",
      "arn:aws:sns:eu-west-1:111122223333:topic",
    ),
  },
  {
    key: "aws:SourceVpce",
    operators: STRING,
    policy: ["vpce-1", "vpce-*", "VPCE-1"],
    variables: ["vpce-${*}", "${aws:username, 'vpce-1'}"],
    request: one("vpce-1", "vpce-*", "VPCE-1", "Ana", "other"),
  },
  {
    key: "aws:PrincipalArn",
    operators: [...STRING, ...ARN],
    policy: [...ROLES, USER, `arn:aws:iam::${ACCOUNT}:role/*`],
    request: [],
  },
  { key: "aws:PrincipalAccount", operators: STRING, policy: [ACCOUNT, OTHER_ACCOUNT], request: [] },
  {
    key: "aws:MultiFactorAuthAge",
    operators: NUMERIC,
    policy: ["300", "3600", "3600.0"],
    request: one("60", "300", "1800", "3600", "7200"),
  },
  {
    key: "aws:CurrentTime",
    operators: DATE,
    policy: ["2026-01-01T00:00:00Z", "1767225600", "2026-06-30T12:00:00Z"],
    request: one(
      "2025-12-31T23:59:59Z",
      "2026-01-01T00:00:00Z",
      "2026-03-01T00:00:00Z",
      "2026-06-30T12:00:00Z",
      "2027-01-01T00:00:00Z",
    ),
  },
  {
    key: "aws:SourceIp",
    operators: ["IpAddress", "NotIpAddress"],
    policy: ["203.0.113.0/24", "203.0.113.7", "10.0.0.0/8", "2001:db8::/32", "2001:db8:0:1::5/128"],
    request: one(
      "203.0.113.7",
      "203.0.113.200",
      "10.1.2.3",
      "198.51.100.1",
      "2001:db8::1",
      "2001:db8:0:1::5",
      "2001:db9::1",
    ),
  },
  {
    key: "kms:RecipientDigest",
    operators: ["BinaryEquals"],
    policy: ["QUJD", "REVG"],
    request: one("QUJD", "REVG", "R0hJ"),
  },
  ...BOOL_KEYS.map((key) => ({
    key,
    operators: ["Bool"],
    policy: ["true", "false"],
    request: key === "aws:PrincipalIsAWSService" ? [] : one("true", "false"),
  })),
  {
    key: CONTEXT_KEYS,
    operators: STRING,
    policy: ["aws:bedrock:arn", "aws:*", "purpose"],
    request: [
      ["aws:bedrock:arn"],
      ["purpose"],
      ["aws:bedrock:arn", "purpose"],
      ["aws:bedrock:arn", "aws:x"],
      ["other"],
      ["other", "purpose"],
    ],
    multivalued: true,
  },
];

/**
 * Those that a request may carry, in lower case, with all that they may hold: also the very text of a pattern, which
 * `StringEquals` takes as it stands.
 */
export const OPEN_KEYS: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  KEY_USES.filter(({ request }) => request.length > 0).map(({ key, request, policy }) => [
    key.toLowerCase(),
    [...request, ...one(...policy.filter((text) => /[*?]/.test(text) && !request.flat().includes(text)))],
  ]),
);
