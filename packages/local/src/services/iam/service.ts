import type { EmulatedService } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import { ServiceError } from "../shared/errors.ts";
import { parameters, queryAnswer } from "../shared/query-protocol.ts";
import { type Trail, trailed } from "../shared/trail.ts";
import type { IamOperation } from "./call.ts";
import { policyOperations } from "./policy-operations.ts";
import { roleOperations } from "./role-operations.ts";

const NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";
const OPERATIONS: ReadonlyMap<string, IamOperation> = new Map([...roleOperations, ...policyOperations]);

/** The part of AWS IAM that roles need, on its wire protocol, AWS Query. */
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
        // IAM is one for all Regions, and its events arrive in this one only.
        const region = "us-east-1";
        return trailed(emulation, { eventSource, eventName, request, region, requestId, trail, failure }, run);
      });
    },
  };
}

function shown(input: URLSearchParams): Record<string, string> {
  const members = [...input].filter(([name]) => name !== "Action" && name !== "Version");
  return Object.fromEntries(members.map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]));
}
