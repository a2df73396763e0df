import { randomBytes, randomUUID } from "node:crypto";
import type { JsonObject } from "../shared/json.ts";

export type KeyState = "Enabled" | "Disabled" | "PendingDeletion" | "PendingImport" | "Unavailable" | "Creating";

export interface Grant {
  readonly id: string;
  readonly granteePrincipal: string;
  readonly retiringPrincipal: string | undefined;
  readonly operations: readonly string[];
  readonly constraints: JsonObject | undefined;
  readonly name: string | undefined;
  readonly issuingAccount: string;
  readonly createdAt: Date;
}

export interface KmsKey {
  readonly arn: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly manager: "AWS" | "CUSTOMER";
  readonly spec: string;
  readonly usage: string;
  readonly origin: string;
  readonly multiRegion: boolean;
  readonly description: string;
  readonly createdAt: Date;
  readonly tags: Map<string, string>;
  readonly grants: Map<string, Grant>;
  /** Such as `alias/agents`. */
  readonly aliases: Set<string>;
  /** What data keys are encrypted with. */
  readonly material: Buffer;
  state: KeyState;
  deletionDate: Date | undefined;
  /** The whole document, roles and users by their unique ids, as KMS keeps it. */
  policy: JsonObject;
  /** A planted text that GetKeyPolicy answers instead, until the next PutKeyPolicy. */
  printedInstead: string | undefined;
  /** Eventual consistency on demand: this many reads after the next write answer what stood before. */
  stalePlanned: number;
  stale: { readonly policy: JsonObject; left: number } | undefined;
}

export type NewKey = Pick<KmsKey, "account" | "region" | "policy"> &
  Partial<
    Pick<
      KmsKey,
      | "id"
      | "manager"
      | "spec"
      | "usage"
      | "origin"
      | "multiRegion"
      | "description"
      | "state"
      | "deletionDate"
      | "createdAt"
    >
  > & { readonly tags?: ReadonlyMap<string, string> };

/** The keys of all accounts that the emulation has heard of. */
export class KmsKeys {
  readonly #byArn = new Map<string, KmsKey>();

  add(key: NewKey): KmsKey {
    const id = key.id ?? newKeyId(key.multiRegion ?? false);
    const added: KmsKey = {
      arn: keyArn(key.region, key.account, id),
      id,
      account: key.account,
      region: key.region,
      manager: key.manager ?? "CUSTOMER",
      spec: key.spec ?? "SYMMETRIC_DEFAULT",
      usage: key.usage ?? "ENCRYPT_DECRYPT",
      origin: key.origin ?? "AWS_KMS",
      multiRegion: key.multiRegion ?? false,
      description: key.description ?? "",
      createdAt: key.createdAt ?? new Date(),
      tags: new Map(key.tags),
      grants: new Map(),
      aliases: new Set(),
      material: randomBytes(32),
      state: key.state ?? "Enabled",
      deletionDate: key.deletionDate,
      policy: key.policy,
      printedInstead: undefined,
      stalePlanned: 0,
      stale: undefined,
    };
    this.#byArn.set(added.arn, added);
    return added;
  }

  remove(key: KmsKey): void {
    this.#byArn.delete(key.arn);
  }

  byArn(arn: string): KmsKey | undefined {
    return this.#byArn.get(arn);
  }

  all(): readonly KmsKey[] {
    return [...this.#byArn.values()];
  }
}

export function keyArn(region: string, account: string, id: string): string {
  return `arn:aws:kms:${region}:${account}:key/${id}`;
}

/** A multi-Region key's id is `mrk-` and 32 hex digits. */
function newKeyId(multiRegion: boolean): string {
  return multiRegion ? `mrk-${randomBytes(16).toString("hex")}` : randomUUID();
}
