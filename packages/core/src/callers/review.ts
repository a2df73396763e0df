/**
 * The callers of an account's agents, each judged and planned for. Pure: what was read of IAM, Bedrock and KMS in, the
 * review out. The work grows with the identities times their statements on Bedrock and KMS; of those who may invoke
 * nothing, the policies are looked at once.
 */
import type { KeyArn } from "../arn.ts";
import { keysOf } from "../requirements/appearances.ts";
import type { IamAccount, Identity } from "./account.ts";
import { isAdministrator } from "./administrator.ts";
import { type Voices, voicesOn } from "./ask.ts";
import { agentsById, type Invocable, invocationsOf, type KnownAgent } from "./find.ts";
import { judgeCaller, type KnownKey } from "./judge.ts";
import { OWN_POLICY } from "./own-policy.ts";
import { type CallerJudgement, type CallerPlan, type PlanSettings, planCaller } from "./plan.ts";
import { type Policies, policiesOf } from "./policies.ts";
import { newShared } from "./shared.ts";

export interface CallerReview {
  readonly identity: Identity;
  /** Everything is allowed to it everywhere: nobody need have meant it to invoke these agents. */
  readonly administrator: boolean;
  readonly judgements: readonly CallerJudgement[];
  readonly plan: CallerPlan;
}

export interface Review {
  /** Who may, or perhaps may, invoke an agent on one of the keys, and who has a policy of the guard's. */
  readonly callers: readonly CallerReview[];
  readonly notVisible: readonly NotVisible[];
}

/** What may refuse, or allow, and can't be seen from the account's own IAM and the key's policy. */
export interface NotVisible {
  readonly what: "organization-policies" | "session-policies" | "grants";
  readonly says: string;
  readonly source: string;
}

export const NOT_VISIBLE: readonly NotVisible[] = [
  {
    what: "organization-policies",
    says: "service and resource control policies of the organization may refuse what is allowed here",
    source:
      "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_authorization_policies.html",
  },
  {
    what: "session-policies",
    says: "a session may have been opened with a policy that allows less than its role or user does",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session",
  },
  {
    what: "grants",
    says: "a grant on the key may let in who is not allowed here",
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
  },
];

/**
 * @param agents - of which those without a customer key are passed over: their callers need nothing
 * @param keys - the keys to judge; an agent's other keys are passed over
 */
export function reviewCallers(
  account: IamAccount,
  agents: readonly KnownAgent[],
  keys: ReadonlyMap<KeyArn, KnownKey>,
  settings: PlanSettings,
): Review {
  const onKeys = new Map(agents.map((known) => [known, keysOf(known.agent).flatMap((key) => keys.get(key) ?? [])]));
  const byId = agentsById(agents.filter((known) => (onKeys.get(known) ?? []).length > 0));
  const shared: Parameters<typeof invocationsOf>[3] = newShared();
  const callers = [...account.roles, ...account.users].flatMap((identity): readonly CallerReview[] => {
    const policies = policiesOf(account, identity);
    const invocable = invocationsOf(identity, voicesOn("invoke", policies), byId, shared);
    if (invocable.length === 0 && policies.own.kind === "none") return [];
    const judgements = judgementsOf(identity, policies, invocable, onKeys);
    const plan = planCaller(identity, policies, judgements, settings);
    return [{ identity, administrator: isAdministrator(policies.identity), judgements, plan }];
  });
  return { callers, notVisible: NOT_VISIBLE };
}

function judgementsOf(
  identity: Identity,
  policies: Policies,
  invocable: readonly Invocable[],
  onKeys: ReadonlyMap<KnownAgent, readonly KnownKey[]>,
): readonly CallerJudgement[] {
  const others = voicesOn("key", policies);
  const own = ownVoice(policies);
  const whole: Voices = own ? { ...others, identity: [...others.identity, own] } : others;
  return invocable.flatMap(({ agent: known, invocation }) =>
    (onKeys.get(known) ?? []).map((key): CallerJudgement => {
      const agent = known.agent.arn;
      const withoutOwn = judgeCaller(identity, others, agent, key);
      const verdict = own ? judgeCaller(identity, whole, agent, key) : withoutOwn;
      return { agent, key: key.facts.arn, invocation, verdict, withoutOwn };
    }),
  );
}

function ownVoice({ own }: Policies): Voices["identity"][number] | undefined {
  return own.kind === "ours" ? { origin: { kind: "inline", name: OWN_POLICY }, document: own.document } : undefined;
}
