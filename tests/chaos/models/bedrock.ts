/** Bedrock's agents. What it answers lags a little behind what was done, and a change takes some seconds. */
import type { AgentId } from "../../../packages/core/src/arn.ts";
import type {
  Agent,
  AgentPage,
  DraftReading,
  VersionReading,
  VersionsReading,
} from "../../../packages/core/src/ports.ts";
import type { Engine } from "../engine.ts";
import type { Random } from "../random.ts";

/** How long a reading may still show what was there before a change. */
export const LAG_MS = 2_000;
/** ListAgents gives at most ten. */
const A_PAGE = 3;

interface Entry {
  now: Agent | undefined;
  before: Agent | undefined;
  changedAt: number;
}

export class BedrockModel {
  readonly #engine: Engine;
  readonly #random: Random;
  readonly #agents = new Map<AgentId, Entry>();
  staleness = 0;
  onChange: (id: AgentId) => void = () => {};

  constructor(engine: Engine, random: Random) {
    this.#engine = engine;
    this.#random = random;
  }

  /** The agents as they are, whatever readers see. */
  get agents(): readonly Agent[] {
    return [...this.#agents.values()].flatMap(({ now }) => now ?? []);
  }

  agent(id: AgentId): Agent | undefined {
    return this.#agents.get(id)?.now;
  }

  set(id: AgentId, agent: Agent | undefined): void {
    const before = this.#agents.get(id)?.now;
    this.#agents.set(id, { now: agent, before, changedAt: this.#engine.now });
    this.onChange(id);
  }

  get(id: AgentId): DraftReading {
    const agent = this.#seen(id);
    if (!agent) return { kind: "not-found" };
    const { versions: _, ...draft } = agent;
    return { kind: "found", agent: draft };
  }

  versions(id: AgentId): VersionsReading {
    const agent = this.#seen(id);
    return agent ? { kind: "found", versions: agent.versions.map(({ version }) => version) } : { kind: "not-found" };
  }

  version(id: AgentId, number: string): VersionReading {
    const version = this.#seen(id)?.versions.find((one) => one.version === number);
    return version ? { kind: "found", version } : { kind: "not-found" };
  }

  list(token: string | undefined): AgentPage {
    const all = [...this.#agents.keys()].sort().filter((id) => this.#seen(id) !== undefined);
    const ids = all.filter((id) => token === undefined || id > token).slice(0, A_PAGE);
    const last = ids.at(-1);
    return { ids, nextToken: last !== undefined && last !== all.at(-1) ? last : undefined };
  }

  #seen(id: AgentId): Agent | undefined {
    const entry = this.#agents.get(id);
    if (!entry) return undefined;
    const lags = this.#engine.now - entry.changedAt < LAG_MS && this.#random.chance(this.staleness);
    return lags ? entry.before : entry.now;
  }
}
