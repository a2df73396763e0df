import type { LocalClock } from "../../contract.ts";
import { named, newHolder, type PolicyHolder } from "./holders.ts";
import type { Identity } from "./identities.ts";

export interface Group extends PolicyHolder {
  readonly kind: "group";
  /** Unique ids of users: a deleted user's successor of the same name is no member. */
  readonly members: Set<string>;
}

export class Groups {
  readonly #byArn = new Map<string, Group>();
  readonly #clock: LocalClock;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  add(arn: string): Group {
    const group = { ...newHolder("group", arn, this.#clock.now()), members: new Set<string>() };
    this.#byArn.set(arn, group);
    return group;
  }

  remove(group: Group): void {
    this.#byArn.delete(group.arn);
  }

  byName(account: string, name: string): Group | undefined {
    return named(this.#byArn.values(), account, name);
  }

  /** The groups that a user is in. */
  of(user: Identity): readonly Group[] {
    return this.all().filter((group) => group.members.has(user.id));
  }

  all(): readonly Group[] {
    return [...this.#byArn.values()];
  }
}
