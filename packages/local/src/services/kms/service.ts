import type { EmulatedService } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import { ServiceError } from "../shared/errors.ts";
import { isJsonObject, parseBody } from "../shared/json.ts";
import { jsonAnswer, targetOperation } from "../shared/json-protocol.ts";
import { camelCased, type Trail, trailed } from "../shared/trail.ts";
import { createAlias, listAliases } from "./aliases.ts";
import type { KmsOperation } from "./call.ts";
import { decrypt, encrypt, generateDataKey, generateDataKeyWithoutPlaintext, reEncrypt } from "./cryptography.ts";
import { createGrant, listGrants, revokeGrant } from "./grants.ts";
import { cancelKeyDeletion, createKey, disableKey, enableKey, scheduleKeyDeletion } from "./lifecycle.ts";
import { describeKey, listKeys } from "./metadata.ts";
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from "./policy.ts";
import { listResourceTags, tagResource, untagResource } from "./tags.ts";

const OPERATIONS: ReadonlyMap<string, KmsOperation> = new Map<string, KmsOperation>([
  ["CancelKeyDeletion", cancelKeyDeletion],
  ["CreateAlias", createAlias],
  ["CreateGrant", createGrant],
  ["CreateKey", createKey],
  ["Decrypt", decrypt],
  ["DescribeKey", describeKey],
  ["DisableKey", disableKey],
  ["EnableKey", enableKey],
  ["Encrypt", encrypt],
  ["GenerateDataKey", generateDataKey],
  ["GenerateDataKeyWithoutPlaintext", generateDataKeyWithoutPlaintext],
  ["GetKeyPolicy", getKeyPolicy],
  ["ListAliases", listAliases],
  ["ListGrants", listGrants],
  ["ListKeyPolicies", listKeyPolicies],
  ["ListKeys", listKeys],
  ["ListResourceTags", listResourceTags],
  ["PutKeyPolicy", putKeyPolicy],
  ["ReEncrypt", reEncrypt],
  ["RevokeGrant", revokeGrant],
  ["ScheduleKeyDeletion", scheduleKeyDeletion],
  ["TagResource", tagResource],
  ["UntagResource", untagResource],
]);

/** AWS KMS on its wire protocol, AWS JSON 1.1. */
export function kmsService(emulation: Emulation): EmulatedService {
  return {
    signingName: "kms",
    async handle(request) {
      return jsonAnswer((requestId) => {
        const eventName = targetOperation(request, "TrentService");
        const operation = OPERATIONS.get(eventName);
        if (!operation) throw new ServiceError("UnknownOperationException", `\`${eventName}\` is not emulated`);
        const input = parseBody(request.body);
        const named = camelCased(input);
        const trail: Trail = {
          requestParameters: isJsonObject(named) ? named : null,
          responseElements: null,
          resources: undefined,
        };
        const run = () => {
          emulation.faults.raise("kms", eventName);
          return operation.run({ emulation, request, input, trail });
        };
        if (!operation.writes) return run();
        const eventSource = "kms.amazonaws.com";
        const failure = "in-error-message";
        return trailed(
          emulation,
          { eventSource, eventName, request, region: emulation.region, requestId, trail, failure },
          run,
        );
      });
    },
  };
}
