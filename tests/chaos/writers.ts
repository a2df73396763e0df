/**
 * Other writers of key policies. They read, think, and put the whole document, as everyone has to: so they overwrite each
 * other and the guard, and the guard overwrites them.
 */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import { type Document, foreignOf, isOwn, parse, type Statement } from "./models/document.ts";
import { ADMIN_STATEMENT, agentArnOf, agentNumber, roleNumber } from "./names.ts";
import type { Random } from "./random.ts";
import type { Style } from "./schedule.ts";
import { short } from "./trace.ts";
import type { World } from "./world.ts";

export class Writers {
  readonly #world: World;
  readonly #random: Random;
  #statements = 0;
  /** What each owner of a template has in it. */
  readonly #templates = new Map<string, readonly Statement[]>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  write(key: KeyArn, writer: string, style: Style, thinksMs: number): void {
    const read = parse(this.#world.kms.read(key).text);
    const next = { ...read, Statement: this.#change(key, writer, style, read) };
    if (next.Statement.length === 0) return;
    this.#world.engine.after(thinksMs, () => this.#put(key, writer, style, JSON.stringify(next)));
  }

  #put(key: KeyArn, writer: string, style: Style, text: string): void {
    const { kms, trail, trace, watch } = this.#world;
    const eventId = trail.nextId();
    const answer = kms.put(key, text, "somebody", eventId);
    const sids = parse(text).Statement.map(({ Sid }) => String(Sid));
    trace.add(
      short(writer),
      () => `puts the policy of ${short(key)} (${style}, ${eventId}): ${answer.kind}; ${sids.join(", ")}`,
    );
    if (answer.kind !== "written") return;
    watch.ledger.policyChanged(key);
    trail.foreignPut(key, text, writer, eventId);
  }

  #change(key: KeyArn, writer: string, style: Style, { Statement: now }: Document): readonly Statement[] {
    const random = this.#random;
    switch (style) {
      case "add":
        return random.chance(0.5) ? [...now, this.#statement(writer)] : [this.#statement(writer), ...now];
      case "revoke": {
        const theirs = foreignOf({ Statement: now }).filter(({ Sid }) => Sid !== ADMIN_STATEMENT.Sid);
        if (theirs.length === 0) return [...now, this.#statement(writer)];
        const revoked = random.pick(theirs);
        return now.filter((statement) => statement !== revoked);
      }
      case "strip":
        return random.chance(0.6)
          ? now.filter((one) => !isOwn(one))
          : now.filter((one) => !isOwn(one) || random.chance(0.5));
      case "template": {
        const name = `${writer} ${key}`;
        const former = this.#templates.get(name) ?? [ADMIN_STATEMENT];
        const template = random.chance(0.5) ? [...former, this.#statement(writer)] : former;
        this.#templates.set(name, template);
        return template;
      }
      case "adopt":
        return [...now, this.#adopted()];
      case "deny":
        return [...now, this.#deny()];
      default:
        return style satisfies never;
    }
  }

  #statement(writer: string): Statement {
    const ofRole = this.#random.chance(0.1) ? this.#livingRole() : undefined;
    return {
      Sid: `Theirs${++this.#statements}`,
      Effect: "Allow",
      Principal: { AWS: ofRole ?? writer },
      Action: this.#random.pick(["kms:Encrypt", ["kms:Encrypt", "kms:DescribeKey"], "kms:ReEncrypt*"]),
      Resource: "*",
    };
  }

  #livingRole(): string | undefined {
    return [1, 2, 3].map(roleNumber).find((role) => this.#world.roles.isVisible(role));
  }

  #adopted(): Statement {
    const agent = agentArnOf(agentNumber(this.#random.between(1, 4)));
    return {
      Sid: `Adopted${++this.#statements}`,
      Effect: "Allow",
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: "*",
      Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": agent } },
    };
  }

  #deny(): Statement {
    return {
      Sid: `Denied${++this.#statements}`,
      Effect: "Deny",
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: "kms:*",
      Resource: "*",
    };
  }
}
