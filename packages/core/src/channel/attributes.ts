/** What SNS subscribers filter by. https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html */
import type { Alert } from "../alert/alert.ts";

export type Attribute =
  | { readonly DataType: "String"; readonly StringValue: string }
  /** A JSON array; a filter matches where one of its members does. */
  | { readonly DataType: "String.Array"; readonly StringValue: string };

/** Attributes count into the 256 KB of a message: of a storm, the first so many are named, and as many of these as fit. */
const MOST = 100;
const LONGEST = 8_000;

/**
 * `alert`, `severity` and `mode` are one word; `kind`, `change`, `key`, `agent` and `caller` are lists. A list that would be
 * empty is left out, since SNS refuses it.
 */
export function attributesOf(alert: Alert): Readonly<Record<string, Attribute>> {
  const { kind, severity, mode, findings, keys, agents, callers } = alert;
  return {
    alert: word(kind),
    severity: word(severity),
    mode: word(mode),
    ...list(
      "kind",
      findings.map((one) => one.kind),
    ),
    ...list(
      "change",
      findings.map((one) => one.change),
    ),
    ...list(
      "key",
      keys.map(({ arn }) => arn),
    ),
    ...list(
      "agent",
      agents.map(({ id }) => id),
    ),
    ...list("caller", callers),
  };
}

function word(text: string): Attribute {
  return { DataType: "String", StringValue: text };
}

function list(name: string, values: readonly string[]): Readonly<Record<string, Attribute>> {
  let room = LONGEST;
  const distinct = [...new Set(values)].slice(0, MOST).filter((value) => {
    room -= value.length + 3;
    return room >= 0;
  });
  return distinct.length === 0 ? {} : { [name]: { DataType: "String.Array", StringValue: JSON.stringify(distinct) } };
}
