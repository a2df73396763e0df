import type { AgentId, KeyArn } from "../../packages/core/src/arn.ts";
import type { IntakePorts } from "../../packages/core/src/intake/intake.ts";
import type { KeyJob } from "../../packages/core/src/key/job.ts";
import type { Agent, InventoryAgent, SweepPage } from "../../packages/core/src/ports.ts";
import type { SweepPorts } from "../../packages/core/src/sweep/sweep.ts";
import { memoryLog } from "./samples.ts";

/** The ports of intake and sweep, in memory: Bedrock has `agents`, and what is queued can be read. */
export function memoryPorts(agents: readonly Agent[]) {
  const log = memoryLog();
  const known = new Map<AgentId, InventoryAgent>();
  const jobs: KeyJob[] = [];
  const pages: SweepPage[] = [];
  const finished: string[] = [];
  const ports: SweepPorts & IntakePorts = {
    agents: {
      get: async (id) => {
        const agent = agents.find((candidate) => candidate.id === id);
        return agent ? { kind: "found", agent } : { kind: "not-found" };
      },
    },
    directory: {
      /** One agent a page; the token is its index. */
      list: async (nextToken) => {
        const index = Number(nextToken ?? 0);
        const ids = agents.slice(index, index + 1).map((agent) => agent.id);
        return { ids, nextToken: index + 1 < agents.length ? String(index + 1) : undefined };
      },
    },
    inventory: {
      agent: async (id) => known.get(id),
      agentsOn: async (key: KeyArn) => [...known.values()].filter(({ agent }) => agent.keyArn === key),
      record: async (agent, seenAt) => {
        known.set(agent.id, { agent, seenAt });
      },
      forget: async ({ agent }) => {
        known.delete(agent.id);
      },
    },
    journal: {
      latest: async () => undefined,
      open: async () => {},
      advance: async () => {},
      writesSince: async () => 0,
      commandForBefore: () => "",
    },
    sweepLog: {
      everFinished: async () => finished.length > 0,
      finished: async (sweepId) => {
        finished.push(sweepId);
      },
    },
    keyQueue: {
      lookAt: async (job) => {
        jobs.push(job);
      },
    },
    sweepQueue: {
      page: async (page) => {
        pages.push(page);
      },
      agent: async () => {},
    },
    clock: { now: () => "2026-11-02T10:00:00.000Z", sleep: async () => {} },
    log,
  };
  return { ports, log, jobs, pages, finished };
}
