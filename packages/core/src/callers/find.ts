/**
 * The callers of agents: every role and user that may invoke an agent by any of its aliases. There are no policies on
 * agents, so whoever may is found in the account's identity policies.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples-agent.html
 */
import { type AgentArn, partsOf } from "../arn.ts";
import type { RequestContext } from "../policy/request.ts";
import type { Agent } from "../ports.ts";
import type { Identity } from "./account.ts";
import { agentsAllowed, aliasesNamed } from "./aliases.ts";
import { ask, type Deciding, type Voices } from "./ask.ts";
import { invokeContext, invokeRequest } from "./documented.ts";
import type { Shared } from "./shared.ts";

/** An agent, and the ids of those of its aliases that are known. */
export interface KnownAgent {
  readonly agent: Agent;
  readonly aliases: readonly string[];
}

export type Invocation =
  /** It is certain for this alias; `ANY_ALIAS` stands for one that nobody has named. */
  | { readonly kind: "may"; readonly alias: string; readonly by: readonly Deciding[] }
  /** It depends on what is not known: reported, and not acted on. */
  | { readonly kind: "perhaps"; readonly on: readonly string[]; readonly by: readonly Deciding[] };

/** The alias of the draft, which every agent has. */
const TEST_ALIAS = "TSTALIASID";
/** An alias that nobody has: who may invoke it may invoke any that no policy names. */
export const ANY_ALIAS = "0000000000";

/** Agents, found by id without a look at each; in their order. */
export interface Agents {
  readonly all: readonly KnownAgent[];
  named(ids: ReadonlySet<string>): readonly KnownAgent[];
}

export function agentsById(all: readonly KnownAgent[]): Agents {
  const places = Map.groupBy(all.keys(), (place) => all[place]?.agent.id as string);
  return {
    all,
    named(ids) {
      const found = [...ids].flatMap((id) => places.get(id) ?? []).sort((a, b) => a - b);
      return found.flatMap((place) => all[place] ?? []);
    },
  };
}

export interface Invocable {
  readonly agent: KnownAgent;
  readonly invocation: Invocation;
}

/**
 * The agents that the identity may invoke, or perhaps may.
 *
 * @param voices what its policies say of invoking
 * @param shared answers of others who hold the same policies, for the same agents
 */
export function invocationsOf(
  identity: Identity,
  voices: Voices,
  agents: Agents,
  shared: Shared<AgentArn, Invocation | undefined>,
): readonly Invocable[] {
  const allowed = agentsAllowed(voices.identity.map(({ document }) => document));
  const asked = allowed === "any" ? agents.all : agents.named(allowed);
  if (asked.length === 0) return [];
  const answers = shared.of(voices);
  const contexts = new Map<string, RequestContext>();
  return asked.flatMap((agent) => {
    const { arn } = agent.agent;
    if (!answers.has(arn)) answers.set(arn, decide(identity, voices, agent, contextFor(identity, arn, contexts)));
    const invocation = answers.get(arn);
    return invocation ? [{ agent, invocation }] : [];
  });
}

/** The same for all agents of one account and Region. */
function contextFor(identity: Identity, agent: AgentArn, contexts: Map<string, RequestContext>): RequestContext {
  const { region, account } = partsOf(agent);
  const place = `${region} ${account}`;
  const context = contexts.get(place) ?? invokeContext(identity, agent);
  contexts.set(place, context);
  return context;
}

function decide(
  identity: Identity,
  voices: Voices,
  { agent, aliases }: KnownAgent,
  context: RequestContext,
): Invocation | undefined {
  const on = new Set<string>();
  const by: Deciding[] = [];
  for (const alias of candidates(voices, agent, aliases)) {
    const answer = ask(voices, invokeRequest(identity, agent.arn, alias, context));
    if (answer.kind === "allowed") return { kind: "may", alias, by: answer.because };
    if (answer.kind !== "depends") continue;
    for (const key of answer.dependsOn) on.add(key);
    by.push(...answer.because.filter((one) => by.every(({ statement }) => statement !== one.statement)));
  }
  return on.size > 0 ? { kind: "perhaps", on: [...on].sort(), by } : undefined;
}

/** One by one: the first that may be invoked settles it, and is mostly any. */
function* candidates(voices: Voices, agent: Agent, known: readonly string[]): Generator<string> {
  yield ANY_ALIAS;
  yield TEST_ALIAS;
  yield* known;
  const { identity, boundary } = voices;
  const documents = [...identity, ...(boundary ? [boundary] : [])].map((policy) => policy.document);
  yield* aliasesNamed(documents, agent.id);
}
