/**
 * What AWS documents a key must allow, as data. A requirement is a template: `${…}` are filled in for one key, one
 * agent or one role (see `instance.ts`).
 */
import type { AgentArn, KeyArn, RoleArn } from "../arn.ts";

export type RequirementId = "key-admin" | "service-sessions" | "role-sessions" | "service-grants" | "service-memory";

export interface Requirement {
  readonly id: RequirementId;
  readonly title: string;
  /** The page that documents it. */
  readonly source: string;
  /** What one instance of it is about; an agent's own statement lists agents or roles. */
  readonly per: "key" | "agent" | "role";
  /** For which of an agent's appearances (its draft and its versions) it is needed. */
  readonly appearances: "all" | "with-memory";
  /**
   * `add`: a missing statement is added. `tell`: it is told to a person, because adding it is a decision about who
   * owns the key.
   */
  readonly repair: "add" | "tell";
  /** Whether an agent stops working without it. */
  readonly neededByAgents: boolean;
  readonly statement: RequiredStatement;
  /**
   * What the documented call is known to carry, so that common guardrail Denies are decided instead of "depends".
   * A list of values is one value each way round: `["absent", "x"]` says that the key is absent or `x`.
   */
  readonly knownContext: Readonly<Record<string, ContextFact>>;
  /** Uses that the documented statement does not allow: a statement that allows one is broader. */
  readonly forbidden: readonly ForbiddenUse[];
}

/** A use as strangers would make of it; what is not given here is as in the documented call. */
export interface ForbiddenUse {
  /** Goes on from "it lets …". */
  readonly what: string;
  readonly Principal?: RequiredStatement["Principal"];
  readonly Action: readonly string[];
  readonly context: Readonly<Record<string, ContextFact>>;
}

export interface RequiredStatement {
  readonly Principal: { readonly AWS: string } | { readonly Service: string };
  readonly Action: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type ContextFact =
  | { readonly value: string; readonly because: string }
  | { readonly absent: true; readonly because: string }
  | { readonly absentOr: string; readonly because: string };

/** Whom an instance of a requirement is about. */
export interface Subject {
  readonly key: KeyArn;
  /** The agent, for a requirement `per` agent or role. */
  readonly agent?: AgentArn;
  readonly role?: RoleArn;
}
