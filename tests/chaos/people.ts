/** Those who change things: owners of agents and keys, other writers of policies, operators of the guard. */
import type { AgentId, RoleArn } from "../../packages/core/src/arn.ts";
import type { Agent, AgentStatus } from "../../packages/core/src/ports.ts";
import type { Guard } from "./guard.ts";
import { ACCOUNT, agentArnOf, agentNumber, keyNumber, MODE_TAG, roleNumber, writerNumber } from "./names.ts";
import type { Random } from "./random.ts";
import type { Deed } from "./schedule.ts";
import { short } from "./trace.ts";
import type { World } from "./world.ts";
import { Writers } from "./writers.ts";

const DEVELOPER = `arn:aws:iam::${ACCOUNT}:role/dev/developer`;
const OPERATOR = `arn:aws:iam::${ACCOUNT}:role/ops/operator`;

export class People {
  readonly #world: World;
  readonly #random: Random;
  readonly #guard: Guard;
  readonly #writers: Writers;
  /** Bedrock gives no id and no version's number twice. */
  readonly #ids = new Map<number, AgentId>();
  readonly #versions = new Map<AgentId, number>();
  #made = 0;

  constructor(world: World, random: Random, guard: Guard) {
    this.#world = world;
    this.#random = random;
    this.#guard = guard;
    this.#writers = new Writers(world, random);
  }

  do(deed: Deed): void {
    switch (deed.kind) {
      case "create-agent":
      case "update-agent":
        this.#change(deed);
        return;
      case "delete-agent":
        this.#delete(this.#idOf(deed.agent));
        return;
      case "make-version":
        this.#makeVersion(this.#idOf(deed.agent));
        return;
      case "delete-version":
        this.#deleteVersion(this.#idOf(deed.agent));
        return;
      case "write-policy":
        this.#writers.write(keyNumber(deed.key), writerNumber(deed.writer), deed.style, deed.thinksMs);
        return;
      case "tag-key":
        this.#tag(deed);
        return;
      case "hold-key":
        if (deed.on) this.#hold(deed.key);
        else this.resume(deed.key);
        return;
      case "enable-key":
        this.#enable(deed);
        return;
      case "pause-guard":
        this.pause(deed.on);
        return;
      case "make-role":
        this.makeRole(roleNumber(deed.role), this.#random.pick([0, 0, 5_000, 30_000]));
        return;
      case "delete-role":
        this.#deleteRole(roleNumber(deed.role));
        return;
      case "sweep":
        this.#guard.sweep();
        return;
      default:
        deed satisfies never;
    }
  }

  #change(deed: Extract<Deed, { kind: "create-agent" | "update-agent" }>): void {
    const { bedrock, engine } = this.#world;
    const former = bedrock.agent(this.#idOf(deed.agent));
    const isNew = former === undefined;
    if (deed.kind === "update-agent" && isNew) return;
    const id = isNew ? this.#newId(deed.agent) : former.id;
    if (former && former.status !== "PREPARED") return;
    const role = roleNumber(deed.role);
    if (!this.#world.roles.exists(role)) this.makeRole(role, this.#random.pick([0, 0, 4_000, 20_000]));
    const agent: Agent = {
      id,
      arn: agentArnOf(id),
      name: `bot-${deed.agent}`,
      createdAt: former?.createdAt ?? engine.iso,
      versions: former?.versions ?? [],
      status: isNew ? "CREATING" : "UPDATING",
      roleArn: role,
      keyArn: deed.key === 0 ? undefined : keyNumber(deed.key),
      memoryEnabled: deed.memory,
    };
    this.#set(id, agent, `${isNew ? "creates" : "updates"} it: ${short(agent.keyArn ?? "no key")}, ${short(role)}`);
    this.#world.trail.agentChanged(id, isNew ? "CreateAgent" : "UpdateAgent", DEVELOPER);
    const restsAfter = this.#random.pick([500, 4_000, 15_000, 70_000]);
    engine.after(restsAfter, () => this.#settle(id, agent.status));
  }

  #idOf(agent: number): AgentId {
    return this.#ids.get(agent) ?? agentNumber(agent);
  }

  /** The first one of its number is called by it, and so are statements that were written ahead. */
  #newId(agent: number): AgentId {
    const id = this.#ids.has(agent) ? agentNumber(100 * agent + ++this.#made) : agentNumber(agent);
    this.#ids.set(agent, id);
    return id;
  }

  #settle(id: AgentId, from: AgentStatus): void {
    const { bedrock, watch } = this.#world;
    const agent = bedrock.agent(id);
    if (agent?.status !== from) return;
    bedrock.set(id, { ...agent, status: "PREPARED" });
    watch.ledger.changed("moved");
  }

  #delete(id: AgentId): void {
    const { bedrock, engine, trail } = this.#world;
    const agent = bedrock.agent(id);
    if (agent?.status !== "PREPARED") return;
    this.#set(id, { ...agent, status: "DELETING" }, "deletes it");
    trail.agentChanged(id, "DeleteAgent", DEVELOPER);
    engine.after(this.#random.pick([300, 3_000, 20_000]), () => {
      this.#set(id, undefined, "is gone");
    });
  }

  #makeVersion(id: AgentId): void {
    const { bedrock, trail } = this.#world;
    const agent = bedrock.agent(id);
    if (agent?.status !== "PREPARED") return;
    const number = 1 + (this.#versions.get(id) ?? 0);
    this.#versions.set(id, number);
    const version = String(number);
    const { roleArn, keyArn, memoryEnabled } = agent;
    const versions = [...agent.versions, { version, roleArn, keyArn, memoryEnabled }];
    this.#set(id, { ...agent, versions }, `makes version ${version}`);
    trail.agentChanged(id, "CreateAgentAlias", DEVELOPER);
  }

  #deleteVersion(id: AgentId): void {
    const { bedrock, trail } = this.#world;
    const agent = bedrock.agent(id);
    if (agent?.status !== "PREPARED" || agent.versions.length === 0) return;
    const gone = this.#random.pick(agent.versions);
    const versions = agent.versions.filter(({ version }) => version !== gone.version);
    this.#set(id, { ...agent, versions }, `deletes version ${gone.version}`);
    trail.agentChanged(id, "DeleteAgentVersion", DEVELOPER);
  }

  #set(id: AgentId, agent: Agent | undefined, what: string): void {
    const { bedrock, trace, watch } = this.#world;
    bedrock.set(id, agent);
    trace.add("developer", () => `${id}: ${what}`);
    watch.ledger.changed("agents");
  }

  makeRole(role: RoleArn, lagMs: number): void {
    const { roles, engine, watch, trace } = this.#world;
    if (roles.exists(role)) return;
    trace.add("developer", () => `makes ${short(role)}, which is seen in ${lagMs / 1000} s`);
    roles.create(role, lagMs);
    engine.after(lagMs, () => watch.ledger.changed("moved"));
  }

  #deleteRole(role: RoleArn): void {
    const { roles, watch, trace } = this.#world;
    trace.add("developer", () => `deletes ${short(role)}`);
    roles.delete(role);
    watch.ledger.changed("moved");
  }

  #tag({ key: number, mode }: Extract<Deed, { kind: "tag-key" }>): void {
    const { kms, trail, watch, trace } = this.#world;
    const key = keyNumber(number);
    const { tags } = kms.key(key);
    if (mode === undefined) tags.delete(MODE_TAG);
    else tags.set(MODE_TAG, mode);
    trace.add("owner", () => `tags ${short(key)}: ${mode ?? "no mode"}`);
    trail.keyChanged(key, mode === undefined ? "UntagResource" : "TagResource", DEVELOPER);
    watch.railsChanged();
  }

  #enable({ key: number, on }: Extract<Deed, { kind: "enable-key" }>): void {
    const { kms, trail, watch, trace } = this.#world;
    const key = keyNumber(number);
    kms.key(key).state = on ? "Enabled" : "Disabled";
    trace.add("owner", () => `${on ? "enables" : "disables"} ${short(key)}`);
    trail.keyChanged(key, on ? "EnableKey" : "DisableKey", DEVELOPER);
    watch.railsChanged();
  }

  #hold(number: number): void {
    const { state, engine, watch, trace } = this.#world;
    state.holds.set(keyNumber(number), { kind: "person", by: OPERATOR, reason: "change freeze", at: engine.iso });
    trace.add("operator", () => `holds K${number}`);
    watch.railsChanged();
  }

  /** As the command `resume KEY` does it. */
  resume(number: number): void {
    const { state, engine, watch, trace } = this.#world;
    const key = keyNumber(number);
    state.holds.set(key, { kind: "lifted", by: OPERATOR, reason: "resumed", at: engine.iso });
    trace.add("operator", () => `lets the guard write to K${number} again`);
    watch.rails.lifted(key);
    watch.railsChanged();
  }

  pause(on: boolean): void {
    const { state, watch, trace } = this.#world;
    state.pause = on ? { kind: "paused", by: OPERATOR, reason: "change freeze" } : { kind: "off" };
    trace.add("operator", () => (on ? "pauses the guard" : "lets the guard write again"));
    watch.railsChanged();
  }
}
