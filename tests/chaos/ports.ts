/** The guard's ports on the models, for one invocation: each call is one of `Calls`. */

import {
  keyJobBody,
  lookAgainBody,
  sweepAgentBody,
  sweepKeysBody,
  sweepPageBody,
} from "../../packages/aws/src/messages.ts";
import { deduplicationId } from "../../packages/aws/src/queues.ts";
import type { IntakePorts } from "../../packages/core/src/intake/intake.ts";
import type { ReconcilePorts } from "../../packages/core/src/key/look.ts";
import type { KeyWriter, PolicyWrite } from "../../packages/core/src/ports.ts";
import type { SweepFunctionPorts } from "../../packages/functions/src/sweep-message.ts";
import type { Handler } from "./calls.ts";
import { THROTTLED } from "./faults.ts";
import type { World } from "./world.ts";

export type GuardPorts = ReconcilePorts & IntakePorts & SweepFunctionPorts;

export function portsFor(handler: Handler, world: World): GuardPorts {
  const { engine, calls, kms, bedrock, roles, state, queues, trace, random, watch } = world;
  const call = <T>(name: string, effect: () => T): Promise<T> => calls.call(handler, name, effect);
  return {
    agents: {
      get: (id) => call("agents.get", () => bedrock.get(id)),
      versions: (id) => call("agents.versions", () => bedrock.versions(id)),
      version: (id, number) => call("agents.version", () => bedrock.version(id, number)),
    },
    directory: { list: (token) => call("directory.list", () => bedrock.list(token)) },
    keys: {
      describe: (key) => call("keys.describe", () => ({ kind: "found", key: kms.describe(key) })),
      tags: (key) => call("keys.tags", () => ({ kind: "found", tags: new Map(kms.key(key).tags) })),
      policy: (key) =>
        call(watch.isWriting(handler, key) ? "keys.reread" : "keys.policy", () => {
          const { text, version } = kms.read(key);
          watch.policyRead(handler, key, text, version);
          return { kind: "found", text };
        }),
    },
    writer: writer(handler, world),
    roles: {
      lookUp: (role) => call("roles.lookUp", () => ({ kind: roles.isVisible(role) ? "known" : "unknown" })),
    },
    inventory: {
      agent: (id) => call("inventory.agent", () => state.inventory.agent(id)),
      agentsOn: (key) => call("inventory.agentsOn", () => state.inventory.agentsOn(key)),
      departedFrom: (key) => call("inventory.departedFrom", () => state.inventory.departedFrom(key)),
      record: (agent, seenAt, former) => call("inventory.record", () => state.inventory.record(agent, seenAt, former)),
      forget: (known) => call("inventory.forget", () => state.inventory.forget(known)),
      keys: (after) => call("inventory.keys", () => state.inventory.keys(after)),
      dropKey: (key) => call("inventory.dropKey", () => state.inventory.dropKey(key)),
    },
    journal: {
      latest: (key) => call("journal.latest", () => state.latestEntry(key)),
      open: (entry) =>
        call("journal.open", () => {
          trace.add(handler.name, () => `journal: ${entry.action} ${entry.id} of ${entry.key} opened`);
          state.openEntry(entry);
          watch.journalOpened(handler, entry);
        }),
      advance: (entry, to, at) =>
        call("journal.advance", () => {
          trace.add(handler.name, () => `journal: ${entry.id} is ${to}`);
          state.advanceEntry(entry, to, at);
        }),
      since: (key, since) => call("journal.since", () => state.entriesSince(key, since)),
    },
    killSwitch: { read: () => call("killSwitch.read", () => state.pause) },
    holds: {
      of: (key) => call("holds.of", () => state.holds.get(key)),
      set: (key, hold) =>
        call("holds.set", () => {
          trace.add(handler.name, () => `hold on ${key}: ${hold.kind}`);
          state.holds.set(key, hold);
          watch.railsChanged();
        }),
      lift: (key) =>
        call("holds.lift", () => {
          state.holds.delete(key);
          watch.railsChanged();
        }),
    },
    budget: {
      reserve: (scope, hour, limit) =>
        call("budget.reserve", () => {
          watch.budgetAsked(handler);
          return state.reserve(scope, hour, limit);
        }),
    },
    absences: {
      of: (key) => call("absences.of", () => state.absences.get(key) ?? new Map()),
      set: (key, absences) => call("absences.set", () => void state.absences.set(key, absences)),
    },
    foreignWrites: {
      record: (write) => call("foreignWrites.record", () => state.recordForeign(write)),
      since: (key, since) => call("foreignWrites.since", () => state.foreignSince(key, since)),
      settle: (write) => call("foreignWrites.settle", () => state.settleForeign(write)),
    },
    sweepLog: {
      everFinished: () => call("sweepLog.everFinished", () => state.everFinished),
      latest: () => call("sweepLog.latest", () => state.sweep),
      started: (id, at) => call("sweepLog.started", () => state.startSweep(id, at)),
      finished: (id, at) => call("sweepLog.finished", () => state.finishSweep(id, at)),
    },
    told: {
      of: (key) => call("told.of", () => state.told.get(key) ?? []),
      set: (key, ids) => call("told.set", () => void state.told.set(key, ids)),
    },
    alerts: {
      publish: (alert) =>
        call("alerts.publish", () => {
          trace.add(handler.name, () => `ALERT ${alert.severity}: ${alert.headline.slice(0, 160)}`);
          state.alerts.push(alert);
        }),
    },
    commands: {
      rollback: ({ key, id }) => `rollback ${key} ${id}`,
      history: (key) => `history ${key}`,
      resumeKey: (key) => `resume ${key}`,
      resumeGuard: () => "resume",
    },
    keyQueue: {
      lookAt: (job) =>
        call("keyQueue.lookAt", () => {
          queues.keys.send(keyJobBody(job), { group: job.key, deduplication: deduplicationId(job) });
        }),
    },
    later: {
      lookAgain: (job, seconds) =>
        call("later.lookAgain", () => {
          trace.add(handler.name, () => `${job.key} is looked at again in ${Math.round(seconds)} s`);
          queues.intake.send(lookAgainBody(job), { delayMs: Math.min(Math.max(0, Math.round(seconds)), 900) * 1000 });
        }),
    },
    sweepQueue: {
      page: (page) => call("sweepQueue.page", () => queues.sweep.send(sweepPageBody(page))),
      agent: (agent) => call("sweepQueue.agent", () => queues.sweep.send(sweepAgentBody(agent))),
      keys: (keys) => call("sweepQueue.keys", () => queues.sweep.send(sweepKeysBody(keys))),
    },
    metrics: { started: () => {}, finished: () => {} },
    clock: {
      now: () => engine.iso,
      sleep: (milliseconds) => calls.sleep(handler, milliseconds),
      random: () => random.next(),
    },
    log: {
      info: (message, fields) => trace.add(handler.name, () => `${message} ${line(fields)}`),
      warn: (message, fields) => trace.add(handler.name, () => `${message} ${line(fields)}`),
    },
  };
}

/** KMS's "too many calls" is an answer to the guard, not an error. */
function writer(handler: Handler, { calls, kms, trace, trail, watch }: World): KeyWriter {
  return {
    async putPolicy(key, text): Promise<PolicyWrite> {
      try {
        return await calls.call(handler, "writer.putPolicy", () => {
          const before = kms.live(key);
          const eventId = trail.nextId();
          const answer = kms.put(key, text, "guard", eventId);
          trace.add(handler.name, () => `PUTS the policy of ${key}: ${answer.kind}`);
          if (answer.kind === "written") {
            watch.guardPut(handler, key, text, before);
            trail.guardPut(key, text, eventId);
          }
          return answer;
        });
      } catch (error) {
        if (error instanceof Error && error.name === THROTTLED) return { kind: "throttled" };
        throw error;
      }
    },
  };
}

function line(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(fields, (_, value) => (value instanceof Error ? `${value.name}: ${value.message}` : value));
}
