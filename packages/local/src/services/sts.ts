import type { EmulatedService, WireRequest } from "../contract.ts";
import { accountOfCaller, callerArn, isRootUser } from "../evaluator/caller.ts";
import type { Emulation } from "./emulation.ts";
import { ServiceError } from "./shared/errors.ts";
import { parameters, queryAnswer, type Xml } from "./shared/query-protocol.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** AWS STS, as far as asking who one is. That needs no permission, and no policy can forbid it. */
export function stsService(emulation: Emulation): EmulatedService {
  return {
    signingName: "sts",
    async handle(request) {
      const operation = parameters(request).get("Action") ?? "";
      return queryAnswer(operation, NAMESPACE, () => {
        emulation.faults.raise("sts", operation);
        if (operation === "GetCallerIdentity") return identity(emulation, request);
        throw new ServiceError("InvalidAction", `\`${operation}\` is not emulated`);
      });
    },
  };
}

function identity({ identities, account }: Emulation, { caller }: WireRequest): Xml {
  return {
    Arn: callerArn(caller),
    UserId: userId(identities, caller),
    Account: accountOfCaller(caller) ?? account,
  };
}

function userId(identities: Emulation["identities"], caller: WireRequest["caller"]): string {
  switch (caller.kind) {
    case "role":
      return `${identities.uniqueIdOf("role", caller.roleArn)}:${caller.sessionName}`;
    case "user":
      return isRootUser(caller) ? caller.account : identities.uniqueIdOf("user", caller.arn);
    case "service":
      return caller.name;
    default:
      return caller satisfies never;
  }
}
