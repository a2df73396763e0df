import { ServiceError } from "../shared/errors.ts";
import { objectList, optionalBoolean, optionalNumber, optionalText, requiredText } from "../shared/input.ts";
import { type KmsCall, type KmsOperation, mustBeCustomerManaged, peek, requireKey, requirePermission } from "./call.ts";
import { defaultPolicy } from "./default-policy.ts";
import type { KmsKey } from "./keys.ts";
import { metadata, seconds } from "./metadata.ts";
import { acceptPolicy, mustNotLockOut } from "./policy.ts";

const DAY = 86_400_000;

export const createKey: KmsOperation = {
  writes: true,
  run(call) {
    const { emulation, input } = call;
    const spec = optionalText(input, "KeySpec") ?? "SYMMETRIC_DEFAULT";
    const usage = optionalText(input, "KeyUsage") ?? "ENCRYPT_DECRYPT";
    const origin = optionalText(input, "Origin") ?? "AWS_KMS";
    const bypass = optionalBoolean(input, "BypassPolicyLockoutSafetyCheck") ?? false;
    const tags = new Map(
      objectList(input, "Tags").map((tag) => [requiredText(tag, "TagKey"), requiredText(tag, "TagValue")]),
    );
    requirePermission(call, "kms:CreateKey", {
      "kms:keyspec": [spec],
      "kms:keyusage": [usage],
      "kms:keyorigin": [origin],
      "kms:bypasspolicylockoutsafetycheck": [String(bypass)],
    });
    const text = optionalText(input, "Policy");
    const policy = text === undefined ? defaultPolicy(emulation.account) : acceptPolicy(call, text);
    const fresh = {
      account: emulation.account,
      region: emulation.region,
      policy,
      spec,
      usage,
      origin,
      multiRegion: optionalBoolean(input, "MultiRegion") ?? false,
      description: optionalText(input, "Description") ?? "",
      createdAt: emulation.clock.now(),
      // A key whose material its owner brings has none yet.
      state: origin === "EXTERNAL" ? ("PendingImport" as const) : ("Enabled" as const),
      tags,
    };
    const key = emulation.keys.add(fresh);
    try {
      if (text !== undefined && !bypass) mustNotLockOut(call, key);
    } catch (error) {
      emulation.keys.remove(key);
      throw error;
    }
    const answer = { KeyMetadata: metadata(key) };
    call.trail.resources = [{ accountId: key.account, type: "AWS::KMS::Key", ARN: key.arn }];
    call.trail.responseElements = { keyMetadata: { aWSAccountId: key.account, keyId: key.id, arn: key.arn } };
    return answer;
  },
};

export const enableKey: KmsOperation = {
  writes: true,
  run(call) {
    const key = changeable(call, "kms:EnableKey");
    mustNotBePendingDeletion(key);
    key.state = "Enabled";
    call.trail.responseElements = { keyId: key.arn };
    return {};
  },
};

export const disableKey: KmsOperation = {
  writes: true,
  run(call) {
    const key = changeable(call, "kms:DisableKey");
    mustNotBePendingDeletion(key);
    key.state = "Disabled";
    call.trail.responseElements = { keyId: key.arn };
    return {};
  },
};

export const scheduleKeyDeletion: KmsOperation = {
  writes: true,
  run(call) {
    const days = optionalNumber(call.input, "PendingWindowInDays", 7, 30) ?? 30;
    const key = changeable(call, "kms:ScheduleKeyDeletion");
    mustNotBePendingDeletion(key);
    const date = new Date(call.emulation.clock.now().getTime() + days * DAY);
    key.state = "PendingDeletion";
    key.deletionDate = date;
    call.trail.responseElements = {
      keyId: key.arn,
      keyState: key.state,
      deletionDate: localised(date),
      pendingWindowInDays: days,
    };
    return { KeyId: key.arn, DeletionDate: seconds(date), KeyState: key.state, PendingWindowInDays: days };
  },
};

export const cancelKeyDeletion: KmsOperation = {
  writes: true,
  run(call) {
    const key = changeable(call, "kms:CancelKeyDeletion");
    if (key.state !== "PendingDeletion") {
      throw new ServiceError("KMSInvalidStateException", `${key.arn} is not pending deletion.`);
    }
    // It comes back disabled: someone must enable it on purpose.
    key.state = "Disabled";
    key.deletionDate = undefined;
    call.trail.responseElements = { keyId: key.arn };
    return { KeyId: key.arn };
  },
};

function changeable(call: KmsCall, action: string): KmsKey {
  mustBeCustomerManaged(peek(call));
  return requireKey(call, { action });
}

export function mustNotBePendingDeletion(key: KmsKey): void {
  if (key.state === "PendingDeletion") {
    throw new ServiceError("KMSInvalidStateException", `${key.arn} is pending deletion.`);
  }
}

/** CloudTrail prints this date for people, the hour of the afternoon beside its 24-hour form: "Apr 12, 2021 18:58:30 PM". */
function localised(date: Date): string {
  const day = date.toLocaleString("en-US", { month: "short", day: "numeric", year: "numeric", timeZone: "UTC" });
  const time = date.toISOString().slice(11, 19);
  return `${day} ${time} ${date.getUTCHours() < 12 ? "AM" : "PM"}`;
}
