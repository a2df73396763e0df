import { optionalNumber, optionalText } from "../shared/input.ts";
import { compact, type JsonObject } from "../shared/json.ts";
import { type KmsOperation, requireKey, requirePermission } from "./call.ts";
import type { KmsKey } from "./keys.ts";

export const describeKey: KmsOperation = {
  writes: false,
  run(call) {
    return { KeyMetadata: metadata(requireKey(call, { action: "kms:DescribeKey", crossAccount: true })) };
  },
};

export const listKeys: KmsOperation = {
  writes: false,
  run(call) {
    requirePermission(call, "kms:ListKeys");
    const from = Number(optionalText(call.input, "Marker") ?? 0);
    const limit = optionalNumber(call.input, "Limit", 1, 1000) ?? 100;
    const own = call.emulation.keys.all().filter((key) => key.account === call.emulation.account);
    const more = own.length > from + limit;
    return compact({
      Keys: own.slice(from, from + limit).map((key) => ({ KeyId: key.id, KeyArn: key.arn })),
      Truncated: more,
      NextMarker: more ? String(from + limit) : undefined,
    });
  },
};

/** What DescribeKey and CreateKey tell of a key: not its policy, its tags or its grants. */
export function metadata(key: KmsKey): JsonObject {
  return compact({
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: seconds(key.createdAt),
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    DeletionDate: key.deletionDate ? seconds(key.deletionDate) : undefined,
    Origin: key.origin,
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    EncryptionAlgorithms: key.spec === "SYMMETRIC_DEFAULT" ? ["SYMMETRIC_DEFAULT"] : undefined,
    MultiRegion: key.multiRegion,
  });
}

export function seconds(date: Date): number {
  return date.getTime() / 1000;
}
