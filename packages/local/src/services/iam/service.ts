import type { EmulatedService } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import { ServiceError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { parameters, queryAnswer } from "../shared/query-protocol.ts";
import { structured } from "../shared/structured.ts";
import { camelCased, type Trail, trailed } from "../shared/trail.ts";
import { listAccountAliases } from "./account-alias.ts";
import { getAccountAuthorizationDetails } from "./account-details.ts";
import { attachmentOperations } from "./attachment-operations.ts";
import { IAM_REGION, type IamOperation } from "./call.ts";
import { groupOperations } from "./group-operations.ts";
import { managedOperations } from "./managed-operations.ts";
import { policyOperations } from "./policy-operations.ts";
import { roleOperations } from "./role-operations.ts";
import { tagOperations } from "./tag-operations.ts";

const NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";
const OPERATIONS: ReadonlyMap<string, IamOperation> = new Map([
  ...roleOperations,
  ...policyOperations,
  ...tagOperations,
  ...attachmentOperations,
  ...groupOperations,
  ...managedOperations,
  ["GetAccountAuthorizationDetails", getAccountAuthorizationDetails],
  ["ListAccountAliases", listAccountAliases],
]);

/** AWS IAM, as far as who there is and what they may do, on its wire protocol, AWS Query. */
export function iamService(emulation: Emulation): EmulatedService {
  return {
    signingName: "iam",
    async handle(request) {
      const input = parameters(request);
      const eventName = input.get("Action") ?? "";
      return queryAnswer(eventName, NAMESPACE, (requestId) => {
        const operation = OPERATIONS.get(eventName);
        if (!operation) throw new ServiceError("InvalidAction", `\`${eventName}\` is not emulated`);
        const trail: Trail = { requestParameters: shown(input), responseElements: null, resources: undefined };
        const run = () => {
          emulation.faults.raise("iam", eventName);
          return operation.run({ emulation, request, input });
        };
        if (!operation.writes) return run();
        const eventSource = "iam.amazonaws.com";
        const failure = "in-error-message";
        return trailed(
          emulation,
          { eventSource, eventName, request, region: IAM_REGION, requestId, trail, failure },
          run,
        );
      });
    },
  };
}

function shown(input: URLSearchParams): JsonObject {
  const spelled = Object.entries(structured(input)).map(([name, value]) => [
    name.charAt(0).toLowerCase() + name.slice(1),
    camelCased(value ?? null),
  ]);
  return Object.fromEntries(spelled);
}
