/** Plants roles, users, groups and policies without a call, and so without permission, check and event. */
import type { Caller } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import { boundaryOf, policiesOf } from "./effective.ts";
import type { Group } from "./groups.ts";
import type { PolicyHolder } from "./holders.ts";
import type { Identity } from "./identities.ts";

/** Inline policies by name. A text is taken as it is, so that documents can be planted that IAM would refuse. */
export type PlantedPolicies = Readonly<Record<string, object | string>>;

export interface PlantedIdentity {
  /** ARNs of managed policies, which have to be there. */
  readonly attached?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** The ARN of a managed policy, which has to be there. */
  readonly boundary?: string;
  /** A user's, by their names. */
  readonly groups?: readonly string[];
}

export interface IamWorld {
  plantRole(arn: string, policies?: PlantedPolicies, more?: Omit<PlantedIdentity, "groups">): Identity;
  plantUser(arn: string, policies?: PlantedPolicies, more?: PlantedIdentity): Identity;
  plantGroup(arn: string, policies?: PlantedPolicies, more?: Pick<PlantedIdentity, "attached">): Group;
  /**
   * A customer managed policy, or one of AWS's own such as `arn:aws:iam::aws:policy/ReadOnlyAccess`; where it is there
   * already, its next version, as the default.
   *
   * @returns the ARN
   */
  plantManagedPolicy(arn: string, document: object | string): string;
  removeIdentity(arn: string): void;
  /** A role's or a user's inline policies by name, as they stand now. */
  inlinePolicies(arn: string): Readonly<Record<string, string>>;
  /** A role (in a session) or a user that IAM knows, with the policies that it has at each call. */
  caller(arn: string, sessionName?: string): Exclude<Caller, { kind: "service" }>;
  /** GetAccountAuthorizationDetails answers with no more than this at once, whatever it is asked for. */
  limitDetailsPage(items: number): void;
}

export function iamWorld(emulation: Emulation): IamWorld {
  const { identities, groups, managedPolicies } = emulation;

  function holds(holder: PolicyHolder, policies: PlantedPolicies, attached: readonly string[] = []): void {
    for (const [name, document] of Object.entries(policies)) holder.policies.set(name, textOf(document));
    for (const arn of attached) holder.attached.add(there(arn));
  }
  function there(arn: string): string {
    if (managedPolicies.byArn(arn)) return arn;
    throw new Error(`no such managed policy in the emulation: \`${arn}\`; plant it first`);
  }
  function identity(kind: "role" | "user", arn: string, policies: PlantedPolicies = {}, more: PlantedIdentity = {}) {
    const planted = identities.add(kind, arn);
    holds(planted, policies, more.attached);
    for (const [key, value] of Object.entries(more.tags ?? {})) planted.tags.set(key, value);
    if (more.boundary !== undefined) planted.boundary = there(more.boundary);
    for (const name of more.groups ?? []) {
      const group = groups.byName(planted.account, name);
      if (!group) throw new Error(`no such group in the emulation: \`${name}\`; plant it first`);
      group.members.add(planted.id);
    }
    return planted;
  }
  function known(arn: string): Identity {
    const found = identities.byArn(arn);
    if (!found) throw new Error(`no such role or user in the emulation: \`${arn}\`; plant or create it first`);
    return found;
  }

  return {
    plantRole: (arn, policies, more) => identity("role", arn, policies, more),
    plantUser: (arn, policies, more) => identity("user", arn, policies, more),
    plantGroup(arn, policies = {}, { attached } = {}) {
      const group = groups.add(arn);
      holds(group, policies, attached);
      return group;
    },
    plantManagedPolicy(arn, document) {
      const policy = managedPolicies.byArn(arn);
      if (policy) policy.defaultVersion = managedPolicies.addVersion(policy, textOf(document)).id;
      else managedPolicies.add(arn, textOf(document));
      return arn;
    },
    removeIdentity(arn) {
      const found = identities.byArn(arn);
      if (found) identities.remove(found);
    },
    inlinePolicies: (arn) => Object.fromEntries(known(arn).policies),
    caller: (arn, sessionName = "session") => callerOf(emulation, known(arn), sessionName),
    limitDetailsPage(items) {
      emulation.limits.detailsPerPage = items;
    },
  };
}

function textOf(document: object | string): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

function callerOf(directory: Emulation, identity: Identity, sessionName: string): Exclude<Caller, { kind: "service" }> {
  const { arn, account } = identity;
  // Read at each call, so that what IAM is told takes effect on callers that are there already.
  const live = {
    get policies() {
      return policiesOf(directory, identity);
    },
    get boundary() {
      return boundaryOf(directory, identity);
    },
    get tags() {
      return Object.fromEntries(identity.tags);
    },
  };
  return identity.kind === "role"
    ? Object.assign(live, { kind: "role" as const, roleArn: arn, sessionName, account })
    : Object.assign(live, { kind: "user" as const, arn, account });
}
