/**
 * KMS: it replaces whole policies, has no version check, and goes on showing the policy before a write for some seconds,
 * now and then.
 */
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Key, PolicyWrite } from "../../../packages/core/src/ports.ts";
import type { Engine } from "../engine.ts";
import type { Random } from "../random.ts";
import { type Document, parse } from "./document.ts";
import type { RolesModel } from "./roles.ts";

export interface Version {
  readonly number: number;
  /** As KMS keeps it, with the ids of roles. */
  readonly kept: Document;
  readonly at: number;
  readonly by: "guard" | "somebody";
  /** The eventID of its record in CloudTrail. */
  readonly eventId: string;
  /** As it was put. */
  readonly text: string;
}

export interface KmsKey {
  readonly arn: KeyArn;
  state: "Enabled" | "Disabled";
  readonly tags: Map<string, string>;
  readonly versions: Version[];
}

/** AWS says "typically less than a few seconds". https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html */
export const STALE_MS = 4_000;
const LONGEST_POLICY = 32_768;

export class KmsModel {
  readonly keys = new Map<KeyArn, KmsKey>();
  readonly #engine: Engine;
  readonly #random: Random;
  readonly #roles: RolesModel;
  /** How likely a reading within `STALE_MS` of a write shows what was there before it. */
  staleness = 0;

  constructor(engine: Engine, random: Random, roles: RolesModel) {
    this.#engine = engine;
    this.#random = random;
    this.#roles = roles;
  }

  create(arn: KeyArn, policy: Document): void {
    this.keys.set(arn, { arn, state: "Enabled", tags: new Map(), versions: [] });
    this.put(arn, JSON.stringify(policy), "somebody", "created");
  }

  key(arn: KeyArn): KmsKey {
    const key = this.keys.get(arn);
    if (!key) throw new Error(`no key \`${arn}\` in this simulation`);
    return key;
  }

  live(arn: KeyArn): Version {
    const version = this.key(arn).versions.at(-1);
    if (!version) throw new Error(`the key \`${arn}\` has no policy`);
    return version;
  }

  /** As it is now, whatever readers see. */
  livePolicy(arn: KeyArn): Document {
    return this.#roles.printed(this.live(arn).kept);
  }

  printed({ kept }: Version): Document {
    return this.#roles.printed(kept);
  }

  /** What a reader is shown; `version` is not part of KMS's answer. */
  read(arn: KeyArn): { readonly text: string; readonly version: Version } {
    const { versions } = this.key(arn);
    let at = versions.length - 1;
    while (at > 0 && this.#isRecent(versions[at]) && this.#random.chance(this.staleness)) at--;
    const version = versions[at] ?? this.live(arn);
    return { text: JSON.stringify(this.#roles.printed(version.kept)), version };
  }

  #isRecent(version: Version | undefined): boolean {
    return version !== undefined && this.#engine.now - version.at < STALE_MS;
  }

  put(arn: KeyArn, text: string, by: Version["by"], eventId: string): PolicyWrite {
    if (Buffer.byteLength(text) > LONGEST_POLICY) {
      return { kind: "refused", code: "LimitExceededException", message: "the policy is too long" };
    }
    const kept = this.#roles.kept(parse(text));
    if (!kept) {
      const message = "Policy contains a statement with one or more invalid principals.";
      return { kind: "refused", code: "MalformedPolicyDocumentException", message };
    }
    const { versions } = this.key(arn);
    versions.push({ number: versions.length, kept, at: this.#engine.now, by, eventId, text });
    return { kind: "written" };
  }

  describe(arn: KeyArn): Key {
    const { state } = this.key(arn);
    return {
      arn,
      manager: "CUSTOMER",
      spec: "SYMMETRIC_DEFAULT",
      usage: "ENCRYPT_DECRYPT",
      state,
      origin: "AWS_KMS",
      deletionDate: undefined,
    };
  }
}
