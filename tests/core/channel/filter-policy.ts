/**
 * SNS's filter policies on attributes, as far as docs/alerts.md uses them: exact words, `prefix`, `anything-but`.
 * https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
 */
import type { Attribute } from "../../../packages/core/src/channel/attributes.ts";

type Condition = string | { readonly prefix: string } | { readonly "anything-but": readonly string[] };
export type FilterPolicy = Readonly<Record<string, readonly Condition[]>>;

/** All names have to match, each by one of its conditions. */
export function takes(policy: FilterPolicy, attributes: Readonly<Record<string, Attribute>>): boolean {
  return Object.entries(policy).every(([name, conditions]) => {
    const attribute = attributes[name];
    return attribute !== undefined && conditions.some((one) => matches(one, valuesOf(attribute)));
  });
}

function valuesOf({ DataType, StringValue }: Attribute): readonly string[] {
  return DataType === "String.Array" ? (JSON.parse(StringValue) as readonly string[]) : [StringValue];
}

function matches(condition: Condition, values: readonly string[]): boolean {
  if (typeof condition === "string") return values.includes(condition);
  if ("prefix" in condition) return values.some((value) => value.startsWith(condition.prefix));
  if ("anything-but" in condition) return !values.some((value) => condition["anything-but"].includes(value));
  throw new Error(`the filter \`${JSON.stringify(condition)}\` is not known here`);
}
