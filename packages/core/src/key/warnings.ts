/**
 * What KMS would say to a policy if it were put: what it refuses, and what it takes though it can't be meant.
 *
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
import type { KeyArn } from "../arn.ts";
import { type Condition, parsePolicy, type Statement } from "../policy/document.ts";
import { isUniqueId } from "../policy/principal.ts";
import { lockedOut } from "./lockout.ts";
import { MAX_POLICY_BYTES } from "./plan.ts";

export interface Warning {
  readonly kind: WarningKind;
  /** Whether KMS refuses the policy for it; otherwise the policy is taken, and does not do what it seems to say. */
  readonly refused: boolean;
  readonly place: Place;
  readonly what: string;
  readonly remedy: string;
}

export type WarningKind =
  | "not-a-policy"
  | "too-long"
  | "character"
  | "deleted-principal"
  | "no-principal"
  | "for-all-values"
  | "no-effect"
  | "locked-out";

export type Place =
  | { readonly kind: "policy" }
  /** From 1, as editors count; a column is one UTF-16 code unit. */
  | { readonly kind: "text"; readonly line: number; readonly column: number }
  /** `index` from 0, as in the document. */
  | { readonly kind: "statement"; readonly index: number; readonly sid: string | undefined };

/**
 * @param text the policy as it would be put
 * @param key whose policy it would be; without it, nothing is said of whose account its principals are
 * @returns what is wrong, the text's own faults first, then statement by statement; empty for a policy without fault
 */
export function policyWarnings(text: string, key?: KeyArn): readonly Warning[] {
  const ofText = [...tooLong(text), ...strangeCharacters(text)];
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") {
    const what = `the policy can't be read: ${parsed.reason}`;
    return [...ofText, { kind: "not-a-policy", refused: true, place: POLICY, what, remedy: "write it as a policy" }];
  }
  const { policy } = parsed;
  return [...ofText, ...policy.statements.flatMap(ofStatement), ...ofAccess(lockedOut(policy, key))];
}

/** Such as ``statement 3 (`AllowRole`)``. */
export function placeInWords(place: Place): string {
  switch (place.kind) {
    case "policy":
      return "the policy";
    case "text":
      return `line ${place.line}, column ${place.column}`;
    case "statement":
      return `statement ${place.index + 1}${place.sid === undefined ? "" : ` (\`${place.sid}\`)`}`;
    default:
      return place satisfies never;
  }
}

const POLICY: Place = { kind: "policy" };

function tooLong(text: string): readonly Warning[] {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_POLICY_BYTES) return [];
  return [
    {
      kind: "too-long",
      refused: true,
      place: POLICY,
      what: `the policy has ${bytes} bytes, and KMS takes ${MAX_POLICY_BYTES}`,
      remedy: "remove white space, or merge statements that differ in a principal or a condition's value only",
    },
  ];
}

/** Tab, line feed, carriage return, and U+0020 to U+00FF: the pattern of PutKeyPolicy's `Policy`. */
const STRANGE = /[^\t\n\r\u0020-\u00FF]/gu;

function strangeCharacters(text: string): readonly Warning[] {
  const found = [...text.matchAll(STRANGE)];
  const [first] = found;
  if (!first) return [];
  const before = text.slice(0, first.index).split("\n");
  const code = first[0].codePointAt(0) ?? 0;
  const others = found.length === 1 ? "" : `, and ${found.length - 1} more like it`;
  return [
    {
      kind: "character",
      refused: true,
      place: { kind: "text", line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
      what: `the character U+${code.toString(16).toUpperCase().padStart(4, "0")}${others}, which no key policy may hold`,
      remedy: "write the text (a Sid, most often) in the characters U+0020 to U+00FF",
    },
  ];
}

function ofStatement(statement: Statement): readonly Warning[] {
  const place: Place = { kind: "statement", index: statement.index, sid: statement.sid };
  return [
    ...deletedPrincipals(statement, place),
    ...withoutElements(statement, place),
    ...forAllValues(statement, place),
  ];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
function deletedPrincipals({ principal }: Statement, place: Place): readonly Warning[] {
  const members = (principal?.members ?? []).flatMap((member) => (member.kind === "aws" ? [member.value] : []));
  return members.filter(isUniqueId).map((id) => ({
    kind: "deleted-principal",
    refused: true,
    place,
    what: `\`${id}\` is the unique id of a principal that no longer exists`,
    remedy: `remove \`${id}\`, or put the ARN of its successor in its place`,
  }));
}

function withoutElements({ raw, action, resource }: Statement, place: Place): readonly Warning[] {
  const warnings: Warning[] = [];
  if (raw.Principal === undefined && raw.NotPrincipal === undefined) {
    const what = "the statement has no Principal, and each statement of a key policy needs one";
    warnings.push({ kind: "no-principal", refused: true, place, what, remedy: "say whom the statement is for" });
  }
  const absent = [...(action ? [] : ["Action"]), ...(resource ? [] : ["Resource"])];
  if (absent.length > 0) {
    const what = `the statement has no ${absent.join(" and no ")}: KMS takes it, and it does nothing`;
    const remedy = `add ${absent.map((name) => (name === "Resource" ? '`"Resource": "*"`' : "an Action")).join(" and ")}`;
    warnings.push({ kind: "no-effect", refused: false, place, what, remedy });
  }
  return warnings;
}

/**
 * These keys have one value at most, and ForAllValues holds where there is none: KMS answers `OverlyPermissiveCondition`.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
const SINGLE_VALUED = ["kms:encryptioncontext:", "aws:requesttag/"];

function forAllValues({ conditions }: Statement, place: Place): readonly Warning[] {
  return conditions.filter(isOverlyPermissive).map(({ operator, key }) => ({
    kind: "for-all-values",
    refused: true,
    place,
    what: `\`${operator}\` on \`${key}\`, which also holds for a call without it`,
    remedy: `write \`${operator.slice(operator.indexOf(":") + 1)}\``,
  }));
}

function isOverlyPermissive({ operator, key }: Condition): boolean {
  const quantified = operator.toLowerCase().startsWith("forallvalues:");
  return quantified && SINGLE_VALUED.some((prefix) => key.toLowerCase().startsWith(prefix));
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key */
function ofAccess(locked: ReturnType<typeof lockedOut>): readonly Warning[] {
  const remedy = "let a role that administers the key do kms:PutKeyPolicy, or delegate to the account's root";
  const warning = { kind: "locked-out", place: POLICY, remedy } as const;
  switch (locked.kind) {
    case "somebody":
      return [];
    case "perhaps":
      return [
        {
          ...warning,
          refused: false,
          what: `nobody can certainly change the policy again (kms:PutKeyPolicy): it depends on ${locked.on.join(", ")}`,
        },
      ];
    case "nobody":
      return [
        {
          ...warning,
          refused: true,
          what: "nobody could change the policy again: it lets no principal do kms:PutKeyPolicy",
        },
      ];
    default:
      return locked satisfies never;
  }
}
