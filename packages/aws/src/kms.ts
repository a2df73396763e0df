import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KeyMetadata,
  type KMSClient,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
} from "@aws-sdk/client-kms";
import { type KeyArn, keyArn } from "@bedrock-key-guard/core/arn.ts";
import type {
  Key,
  KeyReading,
  Keys,
  KeyWriter,
  PolicyReading,
  PolicyWrite,
  Refusal,
  TagReading,
} from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError, errorCode, errorMessage, isAccessDenied } from "./errors.ts";

export const keysActions = {
  describe: ["kms:DescribeKey"],
  tags: ["kms:ListResourceTags"],
  policy: ["kms:GetKeyPolicy"],
} as const satisfies ActionsOf<Keys>;

export const keyWriterActions = { putPolicy: ["kms:PutKeyPolicy"] } as const satisfies ActionsOf<KeyWriter>;

/** A key has one policy, and it is called this. The real service assumes the name; emulators don't. */
const POLICY_NAME = "default";

export function kmsKeys(client: KMSClient): Keys {
  return {
    describe: (key: KeyArn): Promise<KeyReading> =>
      reading("kms:DescribeKey", key, async () => {
        const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: key }));
        return { kind: "found", key: readKey(KeyMetadata) };
      }),

    tags: (key: KeyArn): Promise<TagReading> =>
      reading("kms:ListResourceTags", key, async () => {
        const tags = new Map<string, string>();
        let marker: string | undefined;
        do {
          const page = await client.send(
            new ListResourceTagsCommand({ KeyId: key, ...(marker ? { Marker: marker } : {}) }),
          );
          for (const tag of page.Tags ?? []) tags.set(tag.TagKey ?? "", tag.TagValue ?? "");
          marker = page.Truncated ? page.NextMarker : undefined;
        } while (marker);
        return { kind: "found", tags };
      }),

    policy: (key: KeyArn): Promise<PolicyReading> =>
      reading("kms:GetKeyPolicy", key, async () => {
        const { Policy } = await client.send(new GetKeyPolicyCommand({ KeyId: key, PolicyName: POLICY_NAME }));
        if (Policy === undefined) throw new Error("the answer has no policy");
        return { kind: "found", text: Policy };
      }),
  };
}

async function reading<T>(action: string, key: KeyArn, call: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await call();
  } catch (error) {
    if (errorCode(error) === "NotFoundException") return { kind: "not-found" };
    if (isAccessDenied(error)) return { kind: "denied", message: errorMessage(error) };
    throw new AwsCallError(action, key, error);
  }
}

function readKey(metadata: KeyMetadata | undefined): Key {
  const arn = keyArn(metadata?.Arn ?? "");
  if (!metadata || !arn) throw new Error(`the answer has no key arn that can be read: \`${metadata?.Arn ?? ""}\``);
  const { KeyManager, KeySpec, KeyUsage, KeyState, Origin, DeletionDate } = metadata;
  if (!KeyManager || !KeySpec || !KeyUsage || !KeyState || !Origin) {
    throw new Error("the answer lacks the key's manager, spec, usage, state or origin");
  }
  return {
    arn,
    manager: KeyManager,
    spec: KeySpec,
    usage: KeyUsage,
    state: KeyState,
    origin: Origin,
    deletionDate: DeletionDate?.toISOString(),
  };
}

/**
 * Refusals that another try with the same document can't change. `MalformedPolicyDocumentException` may pass when
 * a principal is seconds old, but the next try has to start from a fresh reading, so it is an answer here too.
 */
const REFUSALS: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "InvalidArnException",
  "KMSInvalidStateException",
  "LimitExceededException",
  "MalformedPolicyDocumentException",
  "NotFoundException",
  "UnsupportedOperationException",
  "ValidationException",
]);

/** @param client - one that doesn't repeat a call by itself (`kmsWriterClient`). */
export function kmsKeyWriter(client: KMSClient): KeyWriter {
  return {
    async putPolicy(key: KeyArn, text: string): Promise<PolicyWrite> {
      try {
        // INVARIANT: no BypassPolicyLockoutSafetyCheck, ever: KMS must refuse a policy that would lock its owner out.
        await client.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: POLICY_NAME, Policy: text }));
        return { kind: "written" };
      } catch (error) {
        const code = errorCode(error);
        if (code === "ThrottlingException") return { kind: "throttled" };
        if (REFUSALS.has(code)) return { kind: "refused", code, message: errorMessage(error) };
        throw new AwsCallError("kms:PutKeyPolicy", key, error);
      }
    },
  };
}
