import type { AuthorizationAnswer, Authorizer, Caller, NamedPolicy } from "../contract.ts";

export interface Question {
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  readonly resourcePolicy?: NamedPolicy | undefined;
  /** On whose behalf a service calls. */
  readonly source?: { readonly arn: string; readonly account: string };
  /** The condition keys of the service that is called, in lower case. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

export type Access = (question: Question) => AuthorizationAnswer;

/** Puts the runner's questions to the evaluator, with the condition keys that every call carries. */
export function accessTo(authorize: Authorizer, region: string): Access {
  return ({ caller, action, resource, resourcePolicy, source, context }) =>
    authorize({
      caller,
      action,
      resource,
      context: {
        // The local AWS stands for endpoints that speak TLS only.
        "aws:securetransport": ["true"],
        "aws:requestedregion": [region],
        ...(source ? { "aws:sourcearn": [source.arn], "aws:sourceaccount": [source.account] } : {}),
        ...context,
      },
      ...(resourcePolicy ? { resourcePolicy } : {}),
    });
}
