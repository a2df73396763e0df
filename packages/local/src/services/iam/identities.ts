import type { LocalClock } from "../../contract.ts";
import { madeUniqueId } from "../shared/ids.ts";
import { named, newHolder, type PolicyHolder } from "./holders.ts";

/** A role or a user that IAM knows. */
export interface Identity extends PolicyHolder {
  readonly kind: "role" | "user";
  /** A role's trust policy, as it was given. */
  readonly trust: string;
  readonly description: string | undefined;
  readonly tags: Map<string, string>;
  /** The ARN of the managed policy that is the permissions boundary. */
  boundary: string | undefined;
}

/** The roles and users of all accounts that the emulation has heard of. */
export class Identities {
  readonly #byArn = new Map<string, Identity>();
  readonly #clock: LocalClock;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  add(kind: "role" | "user", arn: string, more: { trust?: string; description?: string } = {}): Identity {
    const identity: Identity = {
      ...newHolder(kind, arn, this.#clock.now()),
      trust: more.trust ?? '{"Version":"2012-10-17","Statement":[]}',
      description: more.description,
      tags: new Map(),
      boundary: undefined,
    };
    this.#byArn.set(arn, identity);
    return identity;
  }

  remove(identity: Identity): void {
    this.#byArn.delete(identity.arn);
  }

  byArn(arn: string): Identity | undefined {
    return this.#byArn.get(arn);
  }

  byName(kind: "role" | "user", account: string, name: string): Identity | undefined {
    return named(
      this.all().filter((each) => each.kind === kind),
      account,
      name,
    );
  }

  byId(id: string): Identity | undefined {
    return this.all().find((each) => each.id === id);
  }

  all(): readonly Identity[] {
    return [...this.#byArn.values()];
  }

  /** The id that CloudTrail prints for a caller; callers that IAM never heard of get one too. */
  uniqueIdOf(kind: "role" | "user", arn: string): string {
    return this.byArn(arn)?.id ?? madeUniqueId(kind === "role" ? "AROA" : "AIDA", arn);
  }
}
