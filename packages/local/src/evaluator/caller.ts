import type { Caller, NamedPolicy } from "../contract.ts";
import type { Context } from "./pattern.ts";

/** The account that a caller belongs to; a service belongs to none. */
export function accountOfCaller(caller: Caller): string | undefined {
  return caller.kind === "service" ? undefined : caller.account;
}

/** An assumed role's session, as STS prints it: the role's path is left out. */
export function sessionArn(caller: Extract<Caller, { kind: "role" }>): string {
  const name = caller.roleArn.split("/").at(-1) ?? "";
  return `arn:aws:sts::${caller.account}:assumed-role/${name}/${caller.sessionName}`;
}

/** How messages and CloudTrail name the caller. */
export function callerArn(caller: Caller): string {
  switch (caller.kind) {
    case "role":
      return sessionArn(caller);
    case "user":
      return caller.arn;
    case "service":
      return caller.name;
    default:
      return caller satisfies never;
  }
}

/** The account's root user is allowed whatever no resource's policy denies. */
export function isRootUser(caller: Caller): boolean {
  return caller.kind === "user" && caller.arn === `arn:aws:iam::${caller.account}:root`;
}

export function identityPolicies(caller: Caller): readonly NamedPolicy[] {
  return caller.kind === "service" ? [] : caller.policies;
}

export function boundaryOf(caller: Caller): NamedPolicy | undefined {
  return caller.kind === "service" ? undefined : caller.boundary;
}

/** The condition keys that follow from who calls, whatever the service is. */
export function principalContext(caller: Caller): Context {
  switch (caller.kind) {
    case "role":
      return {
        "aws:principalarn": [caller.roleArn],
        "aws:principalaccount": [caller.account],
        "aws:principaltype": ["AssumedRole"],
        "aws:principalisawsservice": ["false"],
        ...principalTags(caller.tags),
      };
    case "user": {
      const name = caller.arn.split("/").at(-1) ?? "";
      return {
        "aws:principalarn": [caller.arn],
        "aws:principalaccount": [caller.account],
        "aws:principaltype": [isRootUser(caller) ? "Account" : "User"],
        "aws:principalisawsservice": ["false"],
        ...(isRootUser(caller) ? {} : { "aws:username": [name] }),
        ...principalTags(caller.tags),
      };
    }
    case "service":
      return {
        "aws:principalisawsservice": ["true"],
        "aws:principalservicename": [caller.name],
        "aws:principalservicenameslist": [caller.name],
      };
    default:
      return caller satisfies never;
  }
}

/** Of the role or user itself: no session of the emulation brings tags. */
function principalTags(tags: Readonly<Record<string, string>> = {}): Context {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, [value]]),
  );
}
