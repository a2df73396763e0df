/** The guard as it is deployed: its real handlers, each fed by its queue. */

import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { announceBody } from "../../packages/aws/src/messages.ts";
import type { AnnounceSettings } from "../../packages/core/src/alert/announce.ts";
import { WAITS_MS } from "../../packages/core/src/alert/pace.ts";
import type { ReconcileSettings } from "../../packages/core/src/key/look.ts";
import { announceAll, readAnnouncement } from "../../packages/functions/src/announce-message.ts";
import { intakeRecord } from "../../packages/functions/src/intake-record.ts";
import { readKeyJob, reconcileJobs } from "../../packages/functions/src/key-jobs.ts";
import { type BatchLog, eachGroup, eachRecord, wholeBatch } from "../../packages/functions/src/lib/partial-batch.ts";
import { startFromInvocation, sweepRecord } from "../../packages/functions/src/sweep-message.ts";
import type { Handler } from "./calls.ts";
import { type FaultRates, Faults, MOST_HARMED_DELIVERIES } from "./faults.ts";
import type { QueueModel } from "./models/queues.ts";
import { ACCOUNT, GUARD_ROLE, REGION } from "./names.ts";
import { type GuardPorts, portsFor } from "./ports.ts";
import type { World } from "./world.ts";

const NO_METRICS = { add: () => {} };

const ANNOUNCE: AnnounceSettings = {
  account: ACCOUNT,
  region: REGION,
  modes: { keys: "enforce", callers: "off" },
  atOnceFrom: "low",
  waits: WAITS_MS,
};

export interface GuardOptions {
  readonly settings: ReconcileSettings;
  /** Changes ports from outside: a planted bug. */
  readonly wrap: (ports: GuardPorts, handler: Handler, world: World) => GuardPorts;
}

interface FunctionOptions {
  readonly name: string;
  readonly queue: QueueModel;
  readonly timeoutMs: number;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly handle: (records: readonly SQSRecord[], ports: GuardPorts, log: BatchLog) => Promise<SQSBatchResponse>;
}

export class Guard {
  rates: FaultRates;
  readonly #world: World;
  readonly #options: GuardOptions;
  #invocations = 0;

  constructor(world: World, rates: FaultRates, options: GuardOptions) {
    this.#world = world;
    this.rates = rates;
    this.#options = options;
    const { queues } = world;
    const { settings } = options;
    this.#serve({
      name: "intake",
      queue: queues.intake,
      timeoutMs: 60_000,
      batchSize: 10,
      concurrency: 3,
      handle: (records, ports, log) =>
        eachRecord(records, intakeRecord(ports, { account: ACCOUNT, guardRoleArn: GUARD_ROLE }), log),
    });
    this.#serve({
      name: "reconcile",
      queue: queues.keys,
      timeoutMs: 60_000,
      batchSize: 10,
      concurrency: 5,
      handle: (records, ports, log) => eachGroup(records, readKeyJob, reconcileJobs(ports, settings, NO_METRICS), log),
    });
    this.#serve({
      name: "sweep",
      queue: queues.sweep,
      timeoutMs: 300_000,
      batchSize: 1,
      concurrency: 2,
      handle: (records, ports, log) => eachRecord(records, sweepRecord(ports), log),
    });
    this.#serve({
      name: "announce",
      queue: queues.alerts,
      timeoutMs: 120_000,
      batchSize: 10,
      concurrency: 2,
      handle: (records, ports, log) =>
        wholeBatch(
          records,
          readAnnouncement,
          announceAll(ports, ANNOUNCE, () => {}),
          log,
        ),
    });
  }

  /** As the schedule does it. */
  sweep(): void {
    this.#world.queues.sweep.send(JSON.stringify({ v: 1, kind: "start" }));
  }

  /** As the schedule of the digest does it. */
  daily(): void {
    this.#world.queues.alerts.send(announceBody({ daily: true }));
  }

  /** As a deployment does it. */
  deployed(): void {
    const { handler, ports } = this.#invocation("deployed", 300_000, true, () => {});
    this.#world.engine.woke();
    void startFromInvocation({ v: 1, kind: "start" }, "deployment", ports).finally(() => {
      handler.dead = true;
    });
  }

  #serve(options: FunctionOptions): void {
    const { engine, random, trace } = this.#world;
    const { queue, name } = options;
    let running = 0;
    let planned = false;
    const pump = () => {
      if (planned || running >= options.concurrency) return;
      planned = true;
      engine.after(random.between(5, 80), () => {
        planned = false;
        if (running >= options.concurrency) return;
        const records = queue.receive(random.between(1, options.batchSize));
        if (records.length === 0) return;
        running++;
        const isHarmless = records.some(({ messageId }) => queue.receives(messageId) > MOST_HARMED_DELIVERIES);
        const ended = () => {
          running--;
          pump();
        };
        const { handler, ports } = this.#invocation(name, options.timeoutMs, isHarmless, ended);
        trace.add(handler.name, () => `starts with ${records.length} messages of ${queue.options.name}`);
        engine.woke();
        void options.handle(records, ports, this.#log(handler)).then(({ batchItemFailures }) => {
          if (handler.dead) return;
          handler.dead = true;
          const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
          for (const { messageId } of records) if (!failed.has(messageId)) queue.delete(messageId);
          ended();
        });
        pump();
      });
    };
    queue.onVisible = pump;
  }

  #invocation(name: string, timeoutMs: number, isHarmless: boolean, ended: () => void) {
    const world = this.#world;
    const { engine, random, trace } = world;
    const handler: Handler = {
      name: `${name}-${++this.#invocations}`,
      startedAt: engine.now,
      faults: new Faults(random.fork(), this.rates, isHarmless),
      dead: false,
      calls: 0,
      crash: () => {
        handler.dead = true;
        ended();
      },
    };
    engine.after(timeoutMs, () => {
      if (handler.dead) return;
      trace.add(handler.name, () => "is ended by its timeout");
      handler.crash();
    });
    return { handler, ports: this.#options.wrap(portsFor(handler, world), handler, world) };
  }

  #log(handler: Handler): BatchLog {
    const write = (message: string, fields: Record<string, unknown>) => {
      const { error } = fields;
      this.#world.trace.add(
        handler.name,
        () => `${message} ${error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(fields)}`,
      );
    };
    return { warn: write, error: write };
  }
}
