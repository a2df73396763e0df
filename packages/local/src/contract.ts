/**
 * What the parts of the local AWS say to each other. The front door (`gateway.ts`) reads who calls from the
 * signature's access key id, and hands each request to the emulated service that it is signed for.
 */

/** A policy document as the local AWS holds it: parsed JSON, read by its own naive evaluator only. */
export type PolicyJson = { readonly Version?: string; readonly Statement: readonly Record<string, unknown>[] };

/** A policy of a role, and where it came from: recorded when a statement of it allows something. */
export interface NamedPolicy {
  /** In the resource graph: the role's name and the policy's name. */
  readonly source: string;
  readonly document: PolicyJson;
}

/** Who calls. */
export type Caller =
  | {
      readonly kind: "role";
      /** With its path. */
      readonly roleArn: string;
      readonly sessionName: string;
      readonly account: string;
      readonly policies: readonly NamedPolicy[];
      readonly boundary?: NamedPolicy | undefined;
      readonly tags?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "user";
      readonly arn: string;
      readonly account: string;
      /** Its groups' policies among them. */
      readonly policies: readonly NamedPolicy[];
      readonly boundary?: NamedPolicy | undefined;
      readonly tags?: Readonly<Record<string, string>>;
    }
  /** An AWS service that calls for its own purposes, such as `bedrock.amazonaws.com`. */
  | { readonly kind: "service"; readonly name: string };

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly caller: Caller;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One emulated AWS service on its wire protocol. */
export interface EmulatedService {
  /** The SigV4 signing name: `kms`, `bedrock`, `iam`, `sts`, `events`. */
  readonly signingName: string;
  handle(request: WireRequest): Promise<WireResponse>;
}

/** The question put to the naive evaluator. */
export interface Authorization {
  readonly caller: Caller;
  /** Such as `kms:GetKeyPolicy`. */
  readonly action: string;
  /** The resource's ARN, or `*` where the operation has none. */
  readonly resource: string;
  /** Condition keys known to the service at this call, lower-case; absent keys are not listed. */
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** The resource's own policy, where it has one. */
  readonly resourcePolicy?: NamedPolicy;
}

export type AuthorizationAnswer =
  | { readonly kind: "allowed"; readonly by: readonly StatementUse[] }
  | {
      readonly kind: "denied";
      readonly explicit: boolean;
      readonly by: readonly StatementUse[];
      readonly message: string;
    };

/** A statement that decided, and the very members of it that matched. */
export interface StatementUse {
  readonly source: string;
  readonly statementIndex: number;
  readonly effect: "Allow" | "Deny";
  /** The member of `Action` as it stands in the policy. */
  readonly action: string;
  /** The member of `Resource` as it stands in the policy. */
  readonly resource: string;
}

export type Authorizer = (question: Authorization) => AuthorizationAnswer;

/** The record that CloudTrail would write, `detail` of the event on the default bus. */
export type CloudTrailRecord = Readonly<Record<string, unknown>> & {
  readonly eventSource: string;
  readonly eventName: string;
  readonly errorCode?: string;
};

export interface LocalClock {
  now(): Date;
}

/** An event before the bus gives it its envelope. */
export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources: readonly string[];
  /** ISO 8601. */
  readonly time: string;
}
