/** Calls of one AWS service that a rule of EventBridge hears of, as CloudTrail records them. */
export interface RecordedCalls {
  /** Of the rule in the stack. */
  readonly id: string;
  /** In lower case and hyphens: the last part of the rule's physical name. */
  readonly name: string;
  readonly description: string;
  /** The first part of the service's host name. */
  readonly service: "bedrock" | "kms" | "iam";
  readonly eventNames: readonly string[];
}

/** The pattern as JSON. Failed calls changed nothing. */
export function pattern({ service, eventNames }: RecordedCalls): string {
  return JSON.stringify({
    source: [`aws.${service}`],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: { eventSource: [`${service}.amazonaws.com`], eventName: eventNames, errorCode: [{ exists: false }] },
  });
}
