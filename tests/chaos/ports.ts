/** The guard's ports on the models, for one invocation: each call is one of `Calls`. */

import {
  announceBody,
  keyJobBody,
  lookAgainBody,
  sweepAgentBody,
  sweepKeysBody,
  sweepPageBody,
} from "../../packages/aws/src/messages.ts";
import { deduplicationId } from "../../packages/aws/src/queues.ts";
import type { AnnouncePorts } from "../../packages/core/src/alert/announce.ts";
import type { IntakePorts } from "../../packages/core/src/intake/intake.ts";
import type { ReconcilePorts } from "../../packages/core/src/key/look.ts";
import type { AlertQueue, Clock, FindingLog, KeyWriter, Log, PolicyWrite } from "../../packages/core/src/ports.ts";
import type { Trail } from "../../packages/core/src/self/ports.ts";
import type { SweepFunctionPorts } from "../../packages/functions/src/sweep-message.ts";
import type { Handler } from "./calls.ts";
import { THROTTLED } from "./faults.ts";
import { ACCOUNT, REGION } from "./names.ts";
import type { World } from "./world.ts";

export type GuardPorts = ReconcilePorts & IntakePorts & SweepFunctionPorts & AnnouncePorts;

/** All is well with it: the guard has nothing to tell of itself. */
const TRAIL: Trail = {
  arn: `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/main`,
  homeRegion: REGION,
  multiRegion: true,
  organization: false,
  logging: "yes",
  selectors: {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: [] }],
  },
};

export function portsFor(handler: Handler, world: World): GuardPorts {
  const { engine, calls, kms, bedrock, roles, state, queues, trace, random, watch } = world;
  const call = <T>(name: string, effect: () => T): Promise<T> => calls.call(handler, name, effect);
  const findings: FindingLog = {
    of: (subject) => call("findings.of", () => state.telling.of(subject)),
    all: () => call("findings.all", () => state.telling.all()),
    put: (record) => call("findings.put", () => state.telling.put(record)),
  };
  const alertQueue: AlertQueue = {
    wake: (seconds, daily = false) =>
      call("alertQueue.wake", () => queues.alerts.send(announceBody({ daily }), { delayMs: seconds * 1000 })),
  };
  const clock: Clock = {
    now: () => engine.iso,
    sleep: (milliseconds) => calls.sleep(handler, milliseconds),
    random: () => random.next(),
  };
  const log: Log = {
    info: (message, fields) => trace.add(handler.name, () => `${message} ${line(fields)}`),
    warn: (message, fields) => trace.add(handler.name, () => `${message} ${line(fields)}`),
  };
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
    findings,
    alertQueue,
    silences: { all: async () => [] },
    outbox: {
      pending: () => call("outbox.pending", () => state.telling.pending()),
      save: (dispatch) => call("outbox.save", () => state.telling.save(dispatch)),
      remove: (dispatch) => call("outbox.remove", () => state.telling.remove(dispatch)),
    },
    announcer: {
      begin: (id, at, until) => call("announcer.begin", () => state.telling.begin(id, at, until)),
      remember: (id, memory) => call("announcer.remember", () => state.telling.remember(id, memory)),
      end: (id) => call("announcer.end", () => state.telling.end(id)),
    },
    channels: [
      {
        name: "people",
        deduplicates: false,
        deliver: (alert) =>
          call("channel.deliver", () => {
            trace.add(handler.name, () => `ALERT ${alert.severity}: ${alert.headline.slice(0, 160)}`);
            watch.telling.told(alert);
          }),
      },
    ],
    events: { emit: (events) => call("events.emit", () => watch.telling.emitted(events)) },
    names: { accountAlias: async () => undefined, keyAliases: async () => [] },
    self: {
      findings,
      alertQueue,
      trails: { read: async () => ({ kind: "read", trails: [TRAIL] }) },
      subscribers: { unconfirmed: async () => [] },
      clock,
      log,
    },
    region: REGION,
    commands: {
      silence: (refs) => `silence ${refs.join(" ")}`,
      findings: () => "findings",
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
    metrics: { add: () => {} },
    clock,
    log,
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
