import type { Authorizer, BusEvent, CloudTrailRecord, EmulatedService, LocalClock } from "../contract.ts";
import { Agents } from "./bedrock/agents.ts";
import { bedrockService } from "./bedrock/service.ts";
import { cloudTrailService, healthyTrail } from "./cloudtrail.ts";
import type { Delays, Emulation } from "./emulation.ts";
import { eventsService } from "./events.ts";
import { Groups } from "./iam/groups.ts";
import { Identities } from "./iam/identities.ts";
import { ManagedPolicies } from "./iam/managed-policies.ts";
import { iamService } from "./iam/service.ts";
import { KmsKeys } from "./kms/keys.ts";
import { kmsService } from "./kms/service.ts";
import { Faults } from "./shared/faults.ts";
import { stsService } from "./sts.ts";
import { createWorld, type World } from "./world.ts";

export interface ServicesOptions {
  readonly account: string;
  readonly region: string;
  readonly clock: LocalClock;
  /** Asked for every call but STS's GetCallerIdentity, which AWS lets everyone make. */
  readonly authorize: Authorizer;
  /**
   * Called once for each write, refused ones too, before the call is answered. IAM's records carry
   * `awsRegion: "us-east-1"`: they never reach another Region's bus.
   */
  readonly emit: (record: CloudTrailRecord) => void;
  /** Called for each entry that PutEvents accepted. */
  readonly deliver: (event: BusEvent) => void;
  /** In milliseconds of the clock; default: no delays. */
  readonly delays?: Partial<Delays>;
}

export interface Services {
  /** KMS, Bedrock Agents, IAM, STS, EventBridge and CloudTrail, each with its signing name. */
  readonly services: readonly EmulatedService[];
  readonly world: World;
}

/** One account in one Region, empty, with every service over the same state. */
export function createServices(options: ServicesOptions): Services {
  const { account, region, clock, authorize, emit, deliver } = options;
  const emulation: Emulation = {
    account,
    region,
    clock,
    authorize,
    emit,
    deliver,
    delays: { agent: 0, principal: 0, ...options.delays },
    faults: new Faults(),
    limits: { detailsPerPage: Number.POSITIVE_INFINITY },
    identities: new Identities(clock),
    groups: new Groups(clock),
    managedPolicies: new ManagedPolicies(clock),
    keys: new KmsKeys(),
    agents: new Agents(clock),
    trails: [healthyTrail(account, region)],
  };
  return {
    services: [
      kmsService(emulation),
      bedrockService(emulation),
      iamService(emulation),
      stsService(emulation),
      eventsService(emulation),
      cloudTrailService(emulation),
    ],
    world: createWorld(emulation),
  };
}
