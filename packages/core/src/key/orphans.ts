/**
 * Principals that no longer exist. KMS prints them by their unique id, and refuses every write of a policy that holds
 * one in a foreign statement; the guard's own statements are written anew without them.
 */
import type { PolicyDocument, Statement } from "../policy/document.ts";
import { isUniqueId } from "../policy/principal.ts";
import { readOwnStatements } from "./own-statements.ts";

export interface Orphan {
  readonly statement: Statement;
  readonly principal: string;
}

export function orphanedPrincipals(policy: PolicyDocument): readonly Orphan[] {
  const own = new Set(readOwnStatements(policy).at.values());
  return policy.statements
    .filter((statement) => !own.has(statement))
    .flatMap((statement) =>
      (statement.principal?.members ?? []).flatMap((member) =>
        member.kind === "aws" && isUniqueId(member.value) ? [{ statement, principal: member.value }] : [],
      ),
    );
}
