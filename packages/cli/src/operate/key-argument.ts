import { type KeyArn, keyArn } from "@bedrock-key-guard/core/arn.ts";
import { InputError } from "../input/input-error.ts";

/**
 * A key as the journal names it: by its ARN. An alias may point to another key tomorrow, and a bare id says neither Region
 * nor account.
 *
 * @throws InputError with the command that prints the ARN
 */
export function readKey(text: string): KeyArn {
  const key = keyArn(text);
  if (key !== undefined) return key;
  const id = /^[\w:/-]+$/.test(text) ? text : "KEY";
  throw new InputError(
    `\`${text}\` is not a key's ARN; \`aws kms describe-key --key-id ${id} --query KeyMetadata.Arn --output text\` prints it`,
  );
}
