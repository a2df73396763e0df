import type { AgentId, KeyArn } from "../../packages/core/src/arn.ts";
import type { IntakePorts } from "../../packages/core/src/intake/intake.ts";
import type { KeyJob } from "../../packages/core/src/key/job.ts";
import type {
  Agent,
  ForeignWrite,
  InventoryAgent,
  SweepKeys,
  SweepPage,
  SweepState,
} from "../../packages/core/src/ports.ts";
import { keysOf } from "../../packages/core/src/requirements/appearances.ts";
import type { Trail } from "../../packages/core/src/self/ports.ts";
import type { SweepFunctionPorts } from "../../packages/functions/src/sweep-message.ts";
import { MemoryAnnouncer } from "../core/support/announcer.ts";
import { memoryLog } from "./samples.ts";

/** Records all that the guard asks for. */
const TRAIL: Trail = {
  arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/all",
  homeRegion: "eu-west-1",
  multiRegion: true,
  organization: false,
  logging: "yes",
  selectors: {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: [] }],
  },
};

export const NOW = "2026-11-02T10:00:00.000Z";

/** The ports of intake and sweep, in memory: Bedrock has `agents`, and what is queued can be read. */
export function memoryPorts(agents: readonly Agent[]) {
  const log = memoryLog();
  const known = new Map<AgentId, InventoryAgent>();
  const jobs: KeyJob[] = [];
  const pages: SweepPage[] = [];
  const keyPages: SweepKeys[] = [];
  const foreign: ForeignWrite[] = [];
  const finished: string[] = [];
  const metrics: string[] = [];
  const people = new MemoryAnnouncer({ now: () => NOW, sleep: async () => {}, random: () => 0.5 });
  let latest: SweepState | undefined;
  const agentOf = (id: AgentId) => agents.find((candidate) => candidate.id === id);
  const ports: SweepFunctionPorts & IntakePorts = {
    agents: {
      get: async (id) => {
        const agent = agentOf(id);
        return agent ? { kind: "found", agent } : { kind: "not-found" };
      },
      versions: async (id) => {
        const agent = agentOf(id);
        return agent
          ? { kind: "found", versions: agent.versions.map(({ version }) => version) }
          : { kind: "not-found" };
      },
      version: async (id, number) => {
        const version = agentOf(id)?.versions.find((candidate) => candidate.version === number);
        return version ? { kind: "found", version } : { kind: "not-found" };
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
      agentsOn: async (key: KeyArn) => [...known.values()].filter(({ agent }) => keysOf(agent).includes(key)),
      departedFrom: async () => [],
      record: async (agent, seenAt) => {
        known.set(agent.id, { agent, seenAt });
      },
      forget: async ({ agent }) => {
        known.delete(agent.id);
      },
      /** One key a page. */
      keys: async (after) => {
        const all = [...new Set([...known.values()].flatMap(({ agent }) => keysOf(agent)))].sort();
        const rest = all.filter((key) => after === undefined || key > after);
        return { keys: rest.slice(0, 1), more: rest.length > 1 };
      },
      dropKey: async () => {},
    },
    journal: {
      latest: async () => undefined,
      open: async () => {},
      advance: async () => {},
      since: async () => [],
    },
    foreignWrites: {
      record: async (write) => {
        foreign.push(write);
      },
      since: async () => foreign,
      settle: async () => {},
    },
    sweepLog: {
      everFinished: async () => finished.length > 0,
      latest: async () => latest,
      started: async (sweepId, at) => {
        latest = { sweepId, startedAt: at, finishedAt: undefined };
      },
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
      keys: async (keys) => {
        keyPages.push(keys);
      },
    },
    metrics: { add: (name, value) => void metrics.push(`${name} ${value}`) },
    region: "eu-west-1",
    self: {
      trails: { read: async () => ({ kind: "read", trails: [TRAIL] }) },
      subscribers: { unconfirmed: async () => [] },
      findings: people.findings,
      alertQueue: people.alertQueue,
      clock: people.clock,
      log,
    },
    clock: { now: () => NOW, sleep: async () => {}, random: () => 0.5 },
    log,
  };
  return { ports, log, jobs, pages, keyPages, foreign, finished, metrics, people };
}
