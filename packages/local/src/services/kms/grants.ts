import { randomBytes } from "node:crypto";
import { ServiceError } from "../shared/errors.ts";
import { optionalObject, optionalText, requiredText, textList } from "../shared/input.ts";
import { compact } from "../shared/json.ts";
import { type KmsCall, type KmsOperation, requireKey } from "./call.ts";
import { mustBeUsable } from "./cryptography.ts";
import { seconds } from "./metadata.ts";

export const createGrant: KmsOperation = {
  writes: true,
  run(call) {
    const operations = textList(call.input, "Operations");
    const context = {
      ...forAwsResource(call),
      "kms:granteeprincipal": [requiredText(call.input, "GranteePrincipal")],
      "kms:grantoperations": operations,
    };
    const key = requireKey(call, { action: "kms:CreateGrant", crossAccount: true, context });
    mustBeUsable(key);
    const id = randomBytes(32).toString("hex");
    key.grants.set(id, {
      id,
      granteePrincipal: requiredText(call.input, "GranteePrincipal"),
      retiringPrincipal: optionalText(call.input, "RetiringPrincipal"),
      operations,
      constraints: optionalObject(call.input, "Constraints"),
      name: optionalText(call.input, "Name"),
      issuingAccount: call.emulation.account,
      createdAt: call.emulation.clock.now(),
    });
    call.trail.responseElements = { grantId: id, keyId: key.arn };
    return { GrantId: id, GrantToken: randomBytes(24).toString("base64") };
  },
};

export const listGrants: KmsOperation = {
  writes: false,
  run(call) {
    const key = requireKey(call, { action: "kms:ListGrants", crossAccount: true, context: forAwsResource(call) });
    const grants = [...key.grants.values()].map((grant) =>
      compact({
        KeyId: key.arn,
        GrantId: grant.id,
        Name: grant.name,
        CreationDate: seconds(grant.createdAt),
        GranteePrincipal: grant.granteePrincipal,
        RetiringPrincipal: grant.retiringPrincipal,
        IssuingAccount: `arn:aws:iam::${grant.issuingAccount}:root`,
        Operations: grant.operations,
        Constraints: grant.constraints,
      }),
    );
    return { Grants: grants, Truncated: false };
  },
};

export const revokeGrant: KmsOperation = {
  writes: true,
  run(call) {
    const key = requireKey(call, { action: "kms:RevokeGrant", crossAccount: true, context: forAwsResource(call) });
    const id = requiredText(call.input, "GrantId");
    if (!key.grants.delete(id)) throw new ServiceError("NotFoundException", `Grant ${id} does not exist`);
    call.trail.responseElements = { keyId: key.arn };
    return {};
  },
};

/** True where an AWS service makes the grant for a resource of its own. */
function forAwsResource({ request }: KmsCall): Record<string, readonly string[]> {
  return { "kms:grantisforawsresource": [String(request.caller.kind === "service")] };
}
