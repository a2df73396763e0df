/**
 * The whole decision on a request: a key policy together with the requester's identity policies and permissions
 * boundary, as KMS combines them.
 *
 * - A Deny in any of them wins.
 * - For a service and an anonymous caller there is the key policy alone: they have no other.
 * - In the key's own account, an Allow of the key policy that names the requester is enough; one that names the account
 *   leaves it to the identity policies.
 *   https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 * - A requester of another account needs an Allow on both sides.
 *   https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 * - What a boundary does not allow, identity policies do not give; nor does a key policy that names the role, unlike
 *   one that names the user or the session.
 *   https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 *
 * Not modelled: session policies, service and resource control policies, and grants.
 */
import { parseArn } from "../arn.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import { all, any, openIn, type Truth, YES } from "./kleene.ts";
import { accountOfRequester, type Request } from "./request.ts";
import { matchIdentityStatement, matchStatement, type StatementMatch } from "./statement.ts";
import { asKeyPolicySees, possibleRequests } from "./worlds.ts";

export interface AccessQuestion {
  /** Left out: the identity policies decide alone. */
  readonly keyPolicy?: PolicyDocument;
  readonly identityPolicies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
  readonly request: Request;
}

export interface AccessDecision {
  /**
   * - `allowed`: it is certain that the policies allow it, and that no Deny matches
   * - `denied`: a Deny certainly matches
   * - `not-allowed`: no Deny certainly matches, and the policies can't allow it
   * - `depends`: on what is not known, see `dependsOn`
   */
  readonly kind: "allowed" | "denied" | "not-allowed" | "depends";
  /** The statements that decided, or that would. */
  readonly because: readonly DecidingStatement[];
  /** Condition keys (or policy elements not understood), sorted; empty unless `depends`. */
  readonly dependsOn: readonly string[];
}

export interface DecidingStatement {
  readonly source: "key-policy" | "identity-policy" | "boundary";
  /** The policy's place among those of its source, from 0. */
  readonly policy: number;
  readonly statement: Statement;
}

export function decideAccess(question: AccessQuestion): AccessDecision {
  const decision = decideOne(question);
  if (decision.kind !== "depends") return decision;
  const policies = [question.keyPolicy, ...question.identityPolicies, question.boundary].filter((p) => p !== undefined);
  const worlds = possibleRequests(policies, question.request);
  const decisions = worlds.map((request) => decideOne({ ...question, request }));
  const [first] = decisions;
  if (!first || first.kind === "depends" || decisions.some((d) => d.kind !== first.kind)) return decision;
  return { ...first, because: unique(decisions.flatMap((d) => d.because)) };
}

/** A statement of any of the policies, and what it says to the request. */
type Said = StatementMatch & DecidingStatement;

function decideOne(question: AccessQuestion): AccessDecision {
  const said = sayings(question);
  const denying = said.filter((s) => s.statement.effect === "Deny");
  const certain = denying.filter((s) => s.named.kind === "yes");
  if (certain.length > 0) return { kind: "denied", because: certain.map(deciding), dependsOn: [] };

  const ways = waysIn(question, said);
  const allow = any(ways.map((way) => way.truth));
  if (allow.kind === "no") return { kind: "not-allowed", because: [], dependsOn: [] };
  const deny = any(denying.map((s) => s.named));
  if (allow.kind === "yes" && deny.kind === "no") {
    const open = ways.filter((way) => way.truth.kind === "yes");
    const because = unique(open.flatMap((way) => way.by.filter((part) => part.truth.kind === "yes")).map(deciding));
    return { kind: "allowed", because, dependsOn: [] };
  }
  const perhaps = allow.kind === "yes" ? [] : ways.filter((way) => way.truth.kind === "unknown");
  const undecided = [
    ...perhaps.flatMap((way) => way.by.filter((part) => part.truth.kind === "unknown")),
    ...denying.filter((s) => s.named.kind === "unknown"),
  ];
  const names = [allow, deny].flatMap(openIn);
  return { kind: "depends", because: unique(undecided.map(deciding)), dependsOn: [...new Set(names)].sort() };
}

function sayings({ keyPolicy, identityPolicies, boundary, request }: AccessQuestion): readonly Said[] {
  const ofIdentity = (source: DecidingStatement["source"], policies: readonly PolicyDocument[]) =>
    policies.flatMap((document, policy) =>
      document.statements.map((statement): Said => {
        return { source, policy, statement, ...matchIdentityStatement(statement, document, request) };
      }),
    );
  const seen = asKeyPolicySees(request);
  const ofKey = (document: PolicyDocument) =>
    document.statements.map((statement): Said => {
      const match = matchStatement(statement, document, seen, boundary !== undefined);
      return { source: "key-policy", policy: 0, statement, ...match };
    });
  const ofKeyPolicy = keyPolicy ? ofKey(keyPolicy) : [];
  if (accountOfRequester(request.principal) === undefined) return ofKeyPolicy;
  return [
    ...ofKeyPolicy,
    ...ofIdentity("identity-policy", identityPolicies),
    ...(boundary ? ofIdentity("boundary", [boundary]) : []),
  ];
}

/** One way in which the policies may allow the request, and the statements that it leads through. */
interface Way {
  readonly truth: Truth;
  readonly by: readonly Part[];
}

type Part = DecidingStatement & { readonly truth: Truth };

function waysIn(question: AccessQuestion, said: readonly Said[]): readonly Way[] {
  const { keyPolicy, request } = question;
  const requester = request.principal;
  const allowing = (source: DecidingStatement["source"]) =>
    said.filter((s) => s.source === source && s.statement.effect === "Allow");
  const ofKey = allowing("key-policy");
  const account = accountOfRequester(requester);
  if (account === undefined) return ofKey.map((s) => way([part(s, s.named)]));

  // The account's root user has no boundary, and needs no policy of its own.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
  const isRoot = requester.kind === "root";
  const within = question.boundary && !isRoot ? anyOf(allowing("boundary")) : FREELY;
  const byIdentity = both(isRoot ? FREELY : anyOf(allowing("identity-policy")), within);
  if (!keyPolicy) return [byIdentity];

  const owner = parseArn(request.resource)?.account;
  if (owner && owner !== account) {
    return ofKey.map((s) => both(way([part(s, any([s.named, s.delegated]))]), byIdentity));
  }
  return ofKey.flatMap((s) => [
    way([part(s, s.beyondBoundary)]),
    both(way([part(s, s.named)]), within),
    both(way([part(s, s.delegated)]), byIdentity),
  ]);
}

const FREELY: Way = { truth: YES, by: [] };

function part({ source, policy, statement }: Said, truth: Truth): Part {
  return { source, policy, statement, truth };
}

function way(by: readonly Part[]): Way {
  return { truth: all(by.map((p) => p.truth)), by };
}

function both(a: Way, b: Way): Way {
  return { truth: all([a.truth, b.truth]), by: [...a.by, ...b.by] };
}

function anyOf(said: readonly Said[]): Way {
  return { truth: any(said.map((s) => s.named)), by: said.map((s) => part(s, s.named)) };
}

function deciding({ source, policy, statement }: DecidingStatement): DecidingStatement {
  return { source, policy, statement };
}

const SOURCES: readonly DecidingStatement["source"][] = ["key-policy", "identity-policy", "boundary"];

function isSame(a: DecidingStatement, b: DecidingStatement): boolean {
  return a.statement === b.statement && a.source === b.source && a.policy === b.policy;
}

/** Each statement once: by source, policy and place. */
function unique(statements: readonly DecidingStatement[]): readonly DecidingStatement[] {
  const once = statements.filter((a, i) => statements.findIndex((b) => isSame(a, b)) === i);
  return once.sort(
    (a, b) =>
      SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source) ||
      a.policy - b.policy ||
      a.statement.index - b.statement.index,
  );
}
