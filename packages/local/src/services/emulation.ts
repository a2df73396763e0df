import type { Authorizer, BusEvent, CloudTrailRecord, LocalClock } from "../contract.ts";
import type { Agents } from "./bedrock/agents.ts";
import type { LocalTrail } from "./cloudtrail.ts";
import type { Groups } from "./iam/groups.ts";
import type { Identities } from "./iam/identities.ts";
import type { ManagedPolicies } from "./iam/managed-policies.ts";
import type { KmsKeys } from "./kms/keys.ts";
import type { Faults } from "./shared/faults.ts";

/** How long things take, in milliseconds of the emulation's clock. */
export interface Delays {
  /** An agent stays CREATING, UPDATING, PREPARING or DELETING for this long. */
  readonly agent: number;
  /** A new role or user is unknown to KMS for this long, as on AWS for some seconds. */
  readonly principal: number;
}

/** Less than AWS would give, where a test asks for it. */
export interface Limits {
  /** Users, groups, roles and policies in one answer of GetAccountAuthorizationDetails. */
  detailsPerPage: number;
}

/** What the emulated services share: the account's state, and the ways out of it. */
export interface Emulation {
  readonly account: string;
  readonly region: string;
  readonly clock: LocalClock;
  readonly authorize: Authorizer;
  /** Called once for each write that reached a service of this account, refused ones too. */
  readonly emit: (record: CloudTrailRecord) => void;
  /** Called for each entry that PutEvents accepted. */
  readonly deliver: (event: BusEvent) => void;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly identities: Identities;
  readonly groups: Groups;
  readonly managedPolicies: ManagedPolicies;
  readonly keys: KmsKeys;
  readonly agents: Agents;
  /** CloudTrail's trails, as they say of themselves; people may change the list and what is in it. */
  readonly trails: LocalTrail[];
}
