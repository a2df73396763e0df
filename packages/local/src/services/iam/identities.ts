import type { LocalClock, NamedPolicy, PolicyJson } from "../../contract.ts";
import { madeUniqueId, newUniqueId } from "../shared/ids.ts";

/** A role or a user that IAM knows. */
export interface Identity {
  readonly kind: "role" | "user";
  /** With its path. */
  readonly arn: string;
  readonly name: string;
  /** Starts and ends with `/`. */
  readonly path: string;
  readonly account: string;
  /** `AROA…` or `AIDA…`: a deleted role's successor of the same name has another one. */
  readonly id: string;
  readonly createdAt: Date;
  /** A role's trust policy, as it was given. */
  readonly trust: string;
  readonly description: string | undefined;
  /** Inline policies by name, as they were given. */
  readonly policies: Map<string, string>;
}

/** The roles and users of all accounts that the emulation has heard of. */
export class Identities {
  readonly #byArn = new Map<string, Identity>();
  readonly #clock: LocalClock;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  add(kind: "role" | "user", arn: string, more: { trust?: string; description?: string } = {}): Identity {
    const [, , , , account = "", resource = ""] = arn.split(":");
    const parts = resource.split("/");
    const identity: Identity = {
      kind,
      arn,
      name: parts.at(-1) ?? "",
      path: `/${parts
        .slice(1, -1)
        .map((part) => `${part}/`)
        .join("")}`,
      account,
      id: newUniqueId(kind === "role" ? "AROA" : "AIDA"),
      createdAt: this.#clock.now(),
      trust: more.trust ?? '{"Version":"2012-10-17","Statement":[]}',
      description: more.description,
      policies: new Map(),
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

  /** Names are unique within an account, whatever the path and the letters' size. */
  byName(kind: "role" | "user", account: string, name: string): Identity | undefined {
    return this.all().find(
      (each) => each.kind === kind && each.account === account && each.name.toLowerCase() === name.toLowerCase(),
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

  /** The inline policies in the evaluator's form. */
  policiesOf(identity: Identity): readonly NamedPolicy[] {
    return [...identity.policies].map(([name, text]) => ({
      source: `${identity.name}/${name}`,
      document: identityPolicy(text),
    }));
  }
}

function identityPolicy(text: string): PolicyJson {
  const document: { Version?: string; Statement?: Record<string, unknown> | Record<string, unknown>[] } =
    JSON.parse(text);
  // A policy of one statement may come without a list around it.
  const statements = [document.Statement ?? []].flat();
  return { ...(document.Version === undefined ? {} : { Version: document.Version }), Statement: statements };
}
