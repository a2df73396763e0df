/** IAM's roles. A role that was made again under the same ARN is another one: KMS keeps roles by their unique id. */
import type { RoleArn } from "../../../packages/core/src/arn.ts";
import type { Engine } from "../engine.ts";
import type { Document, Statement } from "./document.ts";

interface Role {
  readonly id: string;
  /** From when on IAM and KMS know it everywhere. */
  readonly visibleAt: number;
}

export class RolesModel {
  readonly #engine: Engine;
  readonly #byArn = new Map<string, Role>();
  readonly #arnOf = new Map<string, string>();
  #made = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  create(arn: RoleArn, lagMs: number): void {
    const id = `AROA${String(++this.#made).padStart(17, "X")}`;
    this.#byArn.set(arn, { id, visibleAt: this.#engine.now + lagMs });
    this.#arnOf.set(id, arn);
  }

  delete(arn: RoleArn): void {
    const role = this.#byArn.get(arn);
    this.#byArn.delete(arn);
    if (role) this.#arnOf.delete(role.id);
  }

  exists(arn: string): boolean {
    return this.#byArn.has(arn);
  }

  isVisible(arn: string): boolean {
    const role = this.#byArn.get(arn);
    return role !== undefined && role.visibleAt <= this.#engine.now;
  }

  /** As KMS keeps it; undefined where a principal is unknown to it. Roles outside the simulation's are taken as they are. */
  kept(document: Document): Document | undefined {
    let unknown = false;
    const kept = mapAws(document, (principal) => {
      if (/^AROA/.test(principal)) {
        if (!this.#arnOf.has(principal)) unknown = true;
        return principal;
      }
      if (!/:role\/service\//.test(principal)) return principal;
      if (!this.isVisible(principal)) unknown = true;
      return this.#byArn.get(principal)?.id ?? principal;
    });
    return unknown ? undefined : kept;
  }

  printed(document: Document): Document {
    return mapAws(document, (principal) => this.#arnOf.get(principal) ?? principal);
  }
}

/** Changes the ARNs and ids under `Principal.AWS`. */
function mapAws(document: Document, change: (principal: string) => string): Document {
  const statements = document.Statement.map((statement): Statement => {
    const { Principal } = statement;
    if (typeof Principal !== "object" || Principal === null || !("AWS" in Principal)) return statement;
    const aws: unknown = Principal.AWS;
    const mapped = Array.isArray(aws) ? aws.map((one) => change(String(one))) : change(String(aws));
    return { ...statement, Principal: { ...Principal, AWS: mapped } };
  });
  return { ...document, Statement: statements };
}
