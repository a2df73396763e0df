import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { ServiceError } from "../shared/errors.ts";
import { optionalNumber, optionalText, requiredText, textMap } from "../shared/input.ts";
import { type KmsCall, type KmsOperation, requireKey } from "./call.ts";
import type { KmsKey } from "./keys.ts";

type EncryptionContext = ReadonlyMap<string, string>;

export const generateDataKey: KmsOperation = {
  writes: false,
  run(call) {
    const { key, context } = usableKey(call, "kms:GenerateDataKey");
    const plain = randomBytes(size(call));
    return { CiphertextBlob: encrypted(key, plain, context), Plaintext: plain.toString("base64"), KeyId: key.arn };
  },
};

export const generateDataKeyWithoutPlaintext: KmsOperation = {
  writes: false,
  run(call) {
    const { key, context } = usableKey(call, "kms:GenerateDataKeyWithoutPlaintext");
    return { CiphertextBlob: encrypted(key, randomBytes(size(call)), context), KeyId: key.arn };
  },
};

export const encrypt: KmsOperation = {
  writes: false,
  run(call) {
    const { key, context } = usableKey(call, "kms:Encrypt");
    const plain = Buffer.from(requiredText(call.input, "Plaintext"), "base64");
    return { CiphertextBlob: encrypted(key, plain, context), KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
  },
};

export const decrypt: KmsOperation = {
  writes: false,
  run(call) {
    const blob = readBlob(requiredText(call.input, "CiphertextBlob"));
    const { key, context } = usableKey(call, "kms:Decrypt", blob.keyArn);
    const named = optionalText(call.input, "KeyId");
    if (named !== undefined && named !== key.arn && named !== key.id) {
      throw new ServiceError(
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
      );
    }
    return { KeyId: key.arn, Plaintext: decrypted(key, blob, context), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
  },
};

/** One call, two permissions: `kms:ReEncryptFrom` on the key of the ciphertext, `kms:ReEncryptTo` on the other. */
export const reEncrypt: KmsOperation = {
  writes: false,
  run(call) {
    const blob = readBlob(requiredText(call.input, "CiphertextBlob"));
    const source = usableKey(call, "kms:ReEncryptFrom", blob.keyArn, "SourceEncryptionContext");
    const target = requiredText(call.input, "DestinationKeyId");
    const destination = usableKey(call, "kms:ReEncryptTo", target, "DestinationEncryptionContext");
    const plain = Buffer.from(decrypted(source.key, blob, source.context), "base64");
    return {
      CiphertextBlob: encrypted(destination.key, plain, destination.context),
      SourceKeyId: source.key.arn,
      KeyId: destination.key.arn,
    };
  },
};

function usableKey(
  call: KmsCall,
  action: string,
  arn?: string,
  contextField = "EncryptionContext",
): { key: KmsKey; context: EncryptionContext } {
  const context = textMap(call.input, contextField);
  const access = { action, crossAccount: true, context: contextKeys(context), encryptionContext: context };
  const key = requireKey(call, access, arn);
  mustBeUsable(key);
  if (key.spec !== "SYMMETRIC_DEFAULT" || key.usage !== "ENCRYPT_DECRYPT") {
    throw new ServiceError("InvalidKeyUsageException", `${key.arn} key usage is ${key.usage} with ${key.spec}.`);
  }
  return { key, context };
}

export function mustBeUsable(key: KmsKey): void {
  if (key.state === "Enabled") return;
  if (key.state === "Disabled") throw new ServiceError("DisabledException", `${key.arn} is disabled.`);
  const words = key.state === "PendingDeletion" ? "pending deletion" : key.state;
  throw new ServiceError("KMSInvalidStateException", `${key.arn} is ${words}.`);
}

function contextKeys(context: EncryptionContext): Record<string, readonly string[]> {
  if (context.size === 0) return {};
  const values = [...context].map(([name, value]) => [`kms:encryptioncontext:${name.toLowerCase()}`, [value]] as const);
  return { ...Object.fromEntries(values), "kms:encryptioncontextkeys": [...context.keys()] };
}

function size({ input }: KmsCall): number {
  const named = optionalText(input, "KeySpec");
  return optionalNumber(input, "NumberOfBytes", 1, 1024) ?? (named === "AES_128" ? 16 : 32);
}

interface Blob {
  readonly keyArn: string;
  readonly nonce: Buffer;
  readonly tag: Buffer;
  readonly text: Buffer;
}

function encrypted(key: KmsKey, plain: Buffer, context: EncryptionContext): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key.material, nonce).setAAD(authenticated(context));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  const parts = [Buffer.from(key.arn), nonce, cipher.getAuthTag(), text].map((part) => part.toString("base64"));
  return Buffer.from(parts.join(".")).toString("base64");
}

function readBlob(ciphertext: string): Blob {
  const parts = Buffer.from(ciphertext, "base64").toString().split(".");
  const [arn, nonce, tag, text] = parts.map((part) => Buffer.from(part, "base64"));
  if (!arn || nonce?.length !== 12 || tag?.length !== 16 || !text) throw invalidCiphertext();
  return { keyArn: arn.toString(), nonce, tag, text };
}

function decrypted(key: KmsKey, blob: Blob, context: EncryptionContext): string {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.material, blob.nonce).setAAD(authenticated(context));
    decipher.setAuthTag(blob.tag);
    return Buffer.concat([decipher.update(blob.text), decipher.final()]).toString("base64");
  } catch {
    // Another encryption context than the one that it was encrypted with, or a blob that was tampered with.
    throw invalidCiphertext();
  }
}

function authenticated(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify([...context].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function invalidCiphertext(): ServiceError {
  return new ServiceError("InvalidCiphertextException", "The ciphertext is invalid.");
}
