/**
 * Wildcard administrators: everything of Bedrock and of KMS is allowed to them everywhere. They may invoke any agent without
 * anybody having meant them to, so they are told apart from callers.
 */
import type { PolicyDocument, Statement } from "../policy/document.ts";
import { actionMatches } from "../policy/statement.ts";
import { CALLER_ACTIONS, INVOKE } from "./documented.ts";
import type { NamedPolicy } from "./policies.ts";

/** Actions that no service has beside those that are needed: only what allows all of a service allows these. */
const EVERYTHING = [INVOKE, "bedrock:WitnessOfThePattern", ...CALLER_ACTIONS, "kms:WitnessOfThePattern"];

/** By Allows without a condition, on all resources; what a Deny or a boundary takes from it does not matter here. */
export function isAdministrator(identity: readonly NamedPolicy[]): boolean {
  const allowed = new Set(identity.flatMap(({ document }) => allowedEverywhere(document)));
  return EVERYTHING.every((action) => allowed.has(action));
}

const ALLOWED = new WeakMap<PolicyDocument, readonly string[]>();

function allowedEverywhere(document: PolicyDocument): readonly string[] {
  const former = ALLOWED.get(document);
  if (former) return former;
  const broad = document.statements.filter(isBroad);
  const found = EVERYTHING.filter((one) => broad.some(({ action }) => actionMatches(action, one).kind === "yes"));
  ALLOWED.set(document, found);
  return found;
}

function isBroad({ effect, notUnderstood, conditions, principal, resource }: Statement): boolean {
  const plain = effect === "Allow" && notUnderstood.length === 0 && conditions.length === 0 && principal === undefined;
  return plain && resource !== undefined && !resource.negated && resource.members.includes("*");
}
