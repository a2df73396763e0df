/** What a variable's text says; undefined when it says no such thing. For `readVariable`. */
import { type RoleArn, roleArn } from "@bedrock-key-guard/core/arn.ts";

/** A positive whole number, in digits. */
export function positiveInteger(text: string): number | undefined {
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined;
}

/** A number above 0 and at most 1, as JavaScript prints it. */
export function share(text: string): number | undefined {
  if (!/^[0-9]+(\.[0-9]+)?(e-[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 && value <= 1 ? value : undefined;
}

/** `true` or `false`. */
export function boolean(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** ARNs of roles, with commas between them. */
export function roleArns(text: string): ReadonlySet<RoleArn> | undefined {
  const arns = text.split(",").map((one) => roleArn(one));
  return arns.every((arn) => arn !== undefined) ? new Set(arns) : undefined;
}
