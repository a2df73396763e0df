/** A key as `aws kms describe-key` prints it. */
import { type KeyArn, keyArn } from "@bedrock-key-guard/core/arn.ts";
import type { Json } from "@bedrock-key-guard/core/policy/json.ts";
import type { Key } from "@bedrock-key-guard/core/ports.ts";
import { joined, member, objectAt, textAt, wrong } from "../input/shape.ts";

const WANTED = "a key as `aws kms describe-key --key-id ID` prints it";

/** @throws InputError naming the member */
export function readKey(value: Json): Key {
  const document = objectAt("", value, WANTED);
  const wrapped = member(document, "KeyMetadata");
  const path = wrapped === undefined ? "" : "KeyMetadata";
  const key = objectAt(path, wrapped ?? document, WANTED);
  const text = (name: string) => textAt(joined(path, name), member(key, name), WANTED);

  const arn = keyArn(text("Arn"));
  if (arn === undefined) throw wrong(joined(path, "Arn"), member(key, "Arn"), "a KMS key's ARN");
  const manager = text("KeyManager");
  if (manager !== "AWS" && manager !== "CUSTOMER") {
    throw wrong(joined(path, "KeyManager"), manager, "`AWS` or `CUSTOMER`");
  }
  const deletion = member(key, "DeletionDate");
  return {
    arn,
    manager,
    spec: text("KeySpec"),
    usage: text("KeyUsage"),
    state: text("KeyState"),
    origin: text("Origin"),
    deletionDate: deletion === undefined ? undefined : String(deletion),
  };
}

/** What a key that Bedrock took for an agent usually is, where nobody says otherwise. */
export function usualKey(arn: KeyArn): Key {
  return {
    arn,
    manager: "CUSTOMER",
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    state: "Enabled",
    origin: "AWS_KMS",
    deletionDate: undefined,
  };
}
