/** Inline policies of roles, users and groups. */
import { type IamCall, type NamedOperation, noSuch, requiredName } from "./call.ts";
import { mustBeModifiable, requireHolder, SPELLING } from "./holder-calls.ts";
import type { HolderKind, PolicyHolder } from "./holders.ts";
import { inlineMustFit } from "./limits.ts";
import { identityPolicyText } from "./policy-grammar.ts";
import { urlEncoded } from "./print.ts";

export const policyOperations: readonly NamedOperation[] = (["role", "user", "group"] as const).flatMap(operationsOf);

function operationsOf(kind: HolderKind): readonly NamedOperation[] {
  const spelling = SPELLING[kind];
  const [put, get, remove] = [`Put${spelling}Policy`, `Get${spelling}Policy`, `Delete${spelling}Policy`];
  return [
    [
      put,
      {
        writes: true,
        run(call) {
          const holder = requireHolder(call, kind, `iam:${put}`);
          mustBeModifiable(holder);
          const name = requiredName(call, "PolicyName");
          const text = identityPolicyText(call, "PolicyDocument");
          inlineMustFit(holder, name, text);
          holder.policies.set(name, text);
          return undefined;
        },
      },
    ],
    [
      get,
      {
        writes: false,
        run(call) {
          const holder = requireHolder(call, kind, `iam:${get}`);
          const { name, text } = requirePolicy(call, holder);
          return { [`${spelling}Name`]: holder.name, PolicyName: name, PolicyDocument: urlEncoded(text) };
        },
      },
    ],
    [
      remove,
      {
        writes: true,
        run(call) {
          const holder = requireHolder(call, kind, `iam:${remove}`);
          mustBeModifiable(holder);
          holder.policies.delete(requirePolicy(call, holder).name);
          return undefined;
        },
      },
    ],
  ];
}

function requirePolicy(call: IamCall, holder: PolicyHolder): { name: string; text: string } {
  const name = requiredName(call, "PolicyName");
  const text = holder.policies.get(name);
  if (text === undefined) throw noSuch(`The ${holder.kind} policy with name ${name} cannot be found.`);
  return { name, text };
}
