import type { LocalClock } from "../../contract.ts";
import { newUniqueId } from "../shared/ids.ts";
import { nameParts } from "./holders.ts";

export interface PolicyVersion {
  /** `v1`, `v2` and so on; a deleted version's name is not used again. */
  readonly id: string;
  readonly document: string;
  readonly createdAt: Date;
}

/** A policy that can be attached: one of the account's, or one of AWS's own, whose account is `aws`. */
export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly account: string;
  /** `ANPA…` */
  readonly id: string;
  readonly createdAt: Date;
  readonly versions: Map<string, PolicyVersion>;
  latest: number;
  defaultVersion: string;
}

export class ManagedPolicies {
  readonly #byArn = new Map<string, ManagedPolicy>();
  readonly #clock: LocalClock;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  /** With one version, which is the default. */
  add(arn: string, document: string): ManagedPolicy {
    const policy: ManagedPolicy = {
      arn,
      ...nameParts(arn),
      id: newUniqueId("ANPA"),
      createdAt: this.#clock.now(),
      versions: new Map(),
      latest: 0,
      defaultVersion: "v1",
    };
    this.#byArn.set(arn, policy);
    this.addVersion(policy, document);
    return policy;
  }

  addVersion(policy: ManagedPolicy, document: string): PolicyVersion {
    policy.latest += 1;
    const version = { id: `v${policy.latest}`, document, createdAt: this.#clock.now() };
    policy.versions.set(version.id, version);
    return version;
  }

  remove(policy: ManagedPolicy): void {
    this.#byArn.delete(policy.arn);
  }

  byArn(arn: string): ManagedPolicy | undefined {
    return this.#byArn.get(arn);
  }

  all(): readonly ManagedPolicy[] {
    return [...this.#byArn.values()];
  }
}
