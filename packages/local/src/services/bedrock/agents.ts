import type { LocalClock } from "../../contract.ts";
import { compact, type JsonObject } from "../shared/json.ts";

export type BusyStatus = "CREATING" | "UPDATING" | "PREPARING" | "DELETING";
export type SettledStatus = "NOT_PREPARED" | "PREPARED" | "FAILED";

/** What a caller gives an agent, and what a numbered version keeps of it. */
export interface AgentSettings {
  readonly name: string;
  readonly roleArn: string | undefined;
  /** Absent where the key is the one that AWS owns. */
  readonly keyArn: string | undefined;
  /** The members of the request that the emulation only hands back. */
  readonly others: JsonObject;
}

export interface AgentAlias {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  name: string;
  description: string | undefined;
  version: string;
  updatedAt: Date;
}

/** A snapshot of the draft: nothing but its deletion ever changes it. */
export interface AgentVersion {
  readonly number: string;
  readonly settings: AgentSettings;
  readonly createdAt: Date;
  /** Until when it is being deleted (milliseconds since 1970). */
  deletedAt: number | undefined;
}

export interface Agent {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  /** Those that were made and not deleted, by number, oldest first; read it by `Agents.versions`. */
  readonly versions: Map<string, AgentVersion>;
  readonly aliases: Map<string, AgentAlias>;
  /** The number of the newest version that was ever made: a number is not used again. */
  latestVersion: number;
  settings: AgentSettings;
  updatedAt: Date;
  preparedAt: Date | undefined;
  settled: SettledStatus;
  /** What it is going through, and until when (milliseconds since 1970). */
  busy: { readonly status: BusyStatus; readonly until: number } | undefined;
}

/** The agents of the account, in the order in which they were made. */
export class Agents {
  readonly #byId = new Map<string, Agent>();
  readonly #clock: LocalClock;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  add(agent: Agent): void {
    this.#byId.set(agent.id, agent);
  }

  /** Removes without a trace, as a deletion that has finished. */
  remove(id: string): void {
    this.#byId.delete(id);
  }

  byId(id: string): Agent | undefined {
    const agent = this.#byId.get(id);
    if (!agent) return undefined;
    if (agent.busy?.status === "DELETING" && this.#now() >= agent.busy.until) {
      this.#byId.delete(id);
      return undefined;
    }
    return agent;
  }

  all(): readonly Agent[] {
    return [...this.#byId.keys()].flatMap((id) => this.byId(id) ?? []);
  }

  status(agent: Agent): BusyStatus | SettledStatus {
    return agent.busy && this.#now() < agent.busy.until ? agent.busy.status : agent.settled;
  }

  /** The numbered versions that exist, oldest first; those being deleted are still among them. */
  versions(agent: Agent): readonly AgentVersion[] {
    for (const { number, deletedAt } of [...agent.versions.values()]) {
      if (deletedAt !== undefined && this.#now() >= deletedAt) agent.versions.delete(number);
    }
    return [...agent.versions.values()];
  }

  version(agent: Agent, number: string): AgentVersion | undefined {
    return this.versions(agent).find((version) => version.number === number);
  }

  /** Makes a version of the draft as it is now, or of other settings. */
  addVersion(agent: Agent, settings: AgentSettings = agent.settings): AgentVersion {
    agent.latestVersion += 1;
    const number = String(agent.latestVersion);
    const version: AgentVersion = { number, settings, createdAt: this.#clock.now(), deletedAt: undefined };
    agent.versions.set(number, version);
    return version;
  }

  /** The version is unknown after `milliseconds`. */
  beginDeletion(version: AgentVersion, milliseconds: number): void {
    version.deletedAt = this.#now() + milliseconds;
  }

  /** What the agent goes through from now on, for `milliseconds`. */
  begin(agent: Agent, status: BusyStatus, milliseconds: number, settled: SettledStatus): void {
    agent.busy = { status, until: this.#now() + milliseconds };
    agent.settled = settled;
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

/** `agent` as the API answers it; `status` where the answer tells what has just begun. */
export function printAgent(agent: Agent, status: BusyStatus | SettledStatus): JsonObject {
  const { settings } = agent;
  return compact({
    ...settings.others,
    agentId: agent.id,
    agentName: settings.name,
    agentArn: agent.arn,
    agentVersion: "DRAFT",
    agentStatus: status,
    idleSessionTTLInSeconds: settings.others.idleSessionTTLInSeconds ?? 600,
    agentResourceRoleArn: settings.roleArn,
    customerEncryptionKeyArn: settings.keyArn,
    createdAt: agent.createdAt.toISOString(),
    updatedAt: agent.updatedAt.toISOString(),
    preparedAt: agent.preparedAt?.toISOString(),
  });
}
