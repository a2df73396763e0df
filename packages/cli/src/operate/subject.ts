/** What a command is about: a key, or a role or user whose inline policy the guard may keep. */
import { type CallerArn, callerArn, type KeyArn, keyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import { InputError } from "../input/input-error.ts";
import type { Guard } from "./guard.ts";

export type Subject =
  | { readonly kind: "key"; readonly arn: KeyArn }
  | { readonly kind: "caller"; readonly arn: CallerArn };

export const keySubject = (arn: KeyArn): Subject => ({ kind: "key", arn });
export const callerSubject = (arn: CallerArn): Subject => ({ kind: "caller", arn });

/**
 * A key, role or user as the journal names it: by its ARN. A key's alias may point to another key tomorrow, and a bare id or
 * name says neither Region nor account.
 *
 * @throws InputError with the command that prints the ARN
 */
export function readSubject(text: string): Subject {
  const key = keyArn(text);
  if (key !== undefined) return keySubject(key);
  const caller = callerArn(text);
  if (caller !== undefined) return callerSubject(caller);
  const session = /^arn:[\w-]+:sts::\d+:assumed-role\/([\w+=,.@-]+)\//.exec(text)?.[1];
  if (session !== undefined) {
    throw new InputError(
      `\`${text}\` is the ARN of a session; \`aws iam get-role --role-name ${session} --query Role.Arn --output text\` prints its role's`,
    );
  }
  const id = /^[\w:/-]+$/.test(text) ? text : "KEY";
  throw new InputError(
    `\`${text}\` is not a key's ARN; \`aws kms describe-key --key-id ${id} --query KeyMetadata.Arn --output text\` prints it (a role's or user's ARN will do, too)`,
  );
}

/** What a person calls it. */
export function nounOf({ kind, arn }: Subject): "key" | "role" | "user" {
  if (kind === "key") return "key";
  return partsOf(arn).resource.startsWith("user/") ? "user" : "role";
}

/** As a member of a JSON answer. */
export function inAnswer({ kind, arn }: Subject): { readonly key: KeyArn } | { readonly caller: CallerArn } {
  return kind === "key" ? { key: arn } : { caller: arn };
}

/** The commands about it that a person is told to run. */
export function commandsAbout(
  { kind, arn }: Subject,
  { commands }: Pick<Guard, "commands">,
): { readonly history: string; readonly resume: string } {
  return kind === "key"
    ? { history: commands.history(arn), resume: commands.resumeKey(arn) }
    : { history: commands.history(arn), resume: commands.resume(arn) };
}
