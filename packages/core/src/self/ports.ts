/**
 * What the guard asks about its own conditions: whether it hears of changes, and whether anybody hears of it. Each port names the
 * IAM actions that it costs; a test holds these lists against the permissions of the stack, both ways.
 */

/** A trail of CloudTrail that records in the guard's Region, or might. */
export interface Trail {
  readonly arn: string;
  readonly homeRegion: string | undefined;
  readonly multiRegion: boolean;
  /** Of an organization: from a member account its selectors can't always be read. */
  readonly organization: boolean;
  readonly logging: "yes" | "no" | "unknown";
  readonly selectors: Selectors;
}

export type Selectors =
  | { readonly kind: "basic"; readonly selectors: readonly BasicSelector[] }
  | { readonly kind: "advanced"; readonly selectors: readonly (readonly FieldSelector[])[] }
  /** They could not be read. */
  | { readonly kind: "unknown"; readonly reason: string };

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html */
export interface BasicSelector {
  readonly readWriteType: "ReadOnly" | "WriteOnly" | "All";
  readonly includeManagementEvents: boolean;
  readonly excludedSources: readonly string[];
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html */
export interface FieldSelector {
  readonly field: string;
  readonly equals: readonly string[];
  readonly notEquals: readonly string[];
  /** Of its other operators, whether it has any. */
  readonly otherwise: boolean;
}

export type TrailsReading =
  | { readonly kind: "read"; readonly trails: readonly Trail[] }
  | { readonly kind: "denied"; readonly message: string };

export interface Trails {
  /** `cloudtrail:DescribeTrails`, then `cloudtrail:GetTrailStatus` and `cloudtrail:GetEventSelectors` of each. */
  read(): Promise<TrailsReading>;
}

export interface Subscribers {
  /** `sns:ListSubscriptionsByTopic`. Endpoints that have not confirmed yet, of all the guard's topics; each once. */
  unconfirmed(): Promise<readonly string[]>;
}
