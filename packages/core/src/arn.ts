/**
 * ARNs and account ids as branded types: made here and nowhere else, so that a string from a message can't
 * reach a KMS call without having been read as what it claims to be.
 */

declare const brand: unique symbol;
type Branded<T extends string> = string & { readonly [brand]: T };

export type AccountId = Branded<"AccountId">;
export type KeyArn = Branded<"KeyArn">;
export type AgentArn = Branded<"AgentArn">;
export type AgentId = Branded<"AgentId">;
export type RoleArn = Branded<"RoleArn">;
/** Of a role or a user. */
export type CallerArn = Branded<"CallerArn">;

export interface ArnParts {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/**
 * Splits an ARN at its first five colons; the resource may hold further ones.
 *
 * @returns the parts, or `undefined` when `text` has fewer than six fields or does not start with `arn:`.
 */
export function parseArn(text: string): ArnParts | undefined {
  const [arn, partition, service, region, account, ...rest] = text.split(":");
  if (arn !== "arn" || rest.length === 0 || !partition || !service) return undefined;
  return { partition, service, region: region ?? "", account: account ?? "", resource: rest.join(":") };
}

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const PARTITION = /^aws(-[a-z]+)*$/;
// A multi-Region key's id is `mrk-` and 32 hex digits: 36 characters too, as the Bedrock Agents model requires.
const KEY_RESOURCE = /^key\/[a-zA-Z0-9-]{36}$/;
const AGENT_RESOURCE = /^agent\/[0-9a-zA-Z]{10}$/;
const AGENT_ID = /^[0-9a-zA-Z]{10}$/;
const ROLE_RESOURCE = /^role\/[\u0021-\u007e]{1,575}$/;
const CALLER_RESOURCE = /^(role|user)\/[\u0021-\u007e]{1,575}$/;

export function accountId(text: string): AccountId | undefined {
  return ACCOUNT.test(text) ? (text as AccountId) : undefined;
}

/** A key's ARN (`arn:aws:kms:REGION:ACCOUNT:key/ID`); an alias or a bare id is not one. */
export function keyArn(text: string): KeyArn | undefined {
  return regional(text, "kms", KEY_RESOURCE) ? (text as KeyArn) : undefined;
}

export function agentArn(text: string): AgentArn | undefined {
  return regional(text, "bedrock", AGENT_RESOURCE) ? (text as AgentArn) : undefined;
}

export function agentId(text: string): AgentId | undefined {
  return AGENT_ID.test(text) ? (text as AgentId) : undefined;
}

/** A role's ARN with its path, as IAM prints it: KMS refuses a principal whose path is missing. */
export function roleArn(text: string): RoleArn | undefined {
  return ofIam(text, ROLE_RESOURCE) ? (text as RoleArn) : undefined;
}

/** The ARN of a role or a user with its path, as IAM prints it. */
export function callerArn(text: string): CallerArn | undefined {
  return ofIam(text, CALLER_RESOURCE) ? (text as CallerArn) : undefined;
}

function ofIam(text: string, resource: RegExp): boolean {
  const parts = parseArn(text);
  return (
    parts !== undefined &&
    PARTITION.test(parts.partition) &&
    parts.service === "iam" &&
    parts.region === "" &&
    ACCOUNT.test(parts.account) &&
    resource.test(parts.resource)
  );
}

function regional(text: string, service: string, resource: RegExp): boolean {
  const parts = parseArn(text);
  return (
    parts !== undefined &&
    PARTITION.test(parts.partition) &&
    parts.service === service &&
    REGION.test(parts.region) &&
    ACCOUNT.test(parts.account) &&
    resource.test(parts.resource)
  );
}

/** The parts of an ARN that has already been read as one. */
export function partsOf(arn: KeyArn | AgentArn | RoleArn | CallerArn): ArnParts {
  const parts = parseArn(arn);
  if (!parts) throw new Error(`not an ARN: \`${arn}\``);
  return parts;
}

export function accountOf(arn: KeyArn | AgentArn | RoleArn | CallerArn): AccountId {
  return partsOf(arn).account as AccountId;
}

/** The role's or user's name without its path, as the IAM API takes it. */
export function roleName(arn: RoleArn | CallerArn): string {
  return partsOf(arn).resource.split("/").at(-1) ?? "";
}

export function accountRootArn(parts: ArnParts): string {
  return `arn:${parts.partition}:iam::${parts.account}:root`;
}
