/** The inventory, each call a whole: what a crash between two of its items leaves is shown in tests/aws/inventory-laws. */
import type { AgentId, KeyArn } from "../../../packages/core/src/arn.ts";
import type { Agent, DepartedAgent, InventoryAgent } from "../../../packages/core/src/ports.ts";
import { keysOf } from "../../../packages/core/src/requirements/appearances.ts";

const KEYS_A_PAGE = 2;

export class InventoryModel {
  readonly #agents = new Map<AgentId, InventoryAgent>();
  readonly #departed = new Map<KeyArn, Map<AgentId, DepartedAgent>>();
  readonly #keys = new Set<KeyArn>();

  agent(id: AgentId): InventoryAgent | undefined {
    return this.#agents.get(id);
  }

  agentsOn(key: KeyArn): readonly InventoryAgent[] {
    return [...this.#agents.values()].filter(({ agent }) => keysOf(agent).includes(key));
  }

  departedFrom(key: KeyArn): readonly DepartedAgent[] {
    return [...(this.#departed.get(key)?.values() ?? [])];
  }

  /** A reading older than what is known changes nothing. */
  record(agent: Agent, seenAt: string, former: InventoryAgent | undefined): void {
    const known = this.#agents.get(agent.id);
    if (known && known.seenAt > seenAt) return;
    for (const key of keysOf(agent)) this.#keys.add(key);
    for (const before of [former, known]) {
      const left = before?.agent.keyArn;
      if (left === undefined || left === agent.keyArn) continue;
      const on = this.#departed.get(left) ?? new Map<AgentId, DepartedAgent>();
      this.#departed.set(left, on.set(agent.id, { id: agent.id, name: agent.name, to: agent.keyArn, at: seenAt }));
    }
    if (agent.keyArn) this.#departed.get(agent.keyArn)?.delete(agent.id);
    this.#agents.set(agent.id, { agent, seenAt });
  }

  forget({ agent, seenAt }: InventoryAgent): void {
    const known = this.#agents.get(agent.id);
    if (known && known.seenAt > seenAt) return;
    this.#agents.delete(agent.id);
    for (const on of this.#departed.values()) on.delete(agent.id);
  }

  keys(after: KeyArn | undefined): { readonly keys: readonly KeyArn[]; readonly more: boolean } {
    const left = [...this.#keys].sort().filter((key) => after === undefined || key > after);
    return { keys: left.slice(0, KEYS_A_PAGE), more: left.length > KEYS_A_PAGE };
  }

  dropKey(key: KeyArn): void {
    this.#keys.delete(key);
  }
}
