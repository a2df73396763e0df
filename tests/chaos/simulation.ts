/** One schedule, played from its beginning to the verdict. */
import type { ReconcileSettings } from "../../packages/core/src/key/look.ts";
import { type Bug, type BugName, bug as bugOf } from "./bugs.ts";
import { Calls } from "./calls.ts";
import { Engine } from "./engine.ts";
import { NO_FAULTS } from "./faults.ts";
import { Guard } from "./guard.ts";
import { BedrockModel } from "./models/bedrock.ts";
import { KmsModel } from "./models/kms.ts";
import { QueueModel, type QueueOptions } from "./models/queues.ts";
import { RolesModel } from "./models/roles.ts";
import { StateModel } from "./models/state.ts";
import { ACCOUNT, ADMIN_STATEMENT, keyNumber, MODE_TAG, roleNumber } from "./names.ts";
import { People } from "./people.ts";
import { Random } from "./random.ts";
import type { PlannedDeed, Schedule } from "./schedule.ts";
import { Trace } from "./trace.ts";
import { Trail } from "./trail.ts";
import { judgePromptness, judgeTheEnd } from "./verdict.ts";
import type { Violation } from "./violation.ts";
import { Watch } from "./watch.ts";
import type { World } from "./world.ts";

export interface Result {
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  readonly counts: Watch["counts"] & Watch["foreign"]["counts"] & { readonly tooLate: number; readonly events: number };
}

export interface PlayOptions {
  readonly trace?: boolean;
  readonly bug?: BugName | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A budget that a schedule does not use up. */
const AMPLE = 20;
/** A deed that waits for a call waits this long. */
const PATIENCE_MS = 30 * MINUTE_MS;

export async function play(schedule: Schedule, { trace = false, bug }: PlayOptions = {}): Promise<Result> {
  const planted = bug === undefined ? undefined : bugOf(bug);
  const world = makeWorld(schedule, trace, planted);
  const { engine, watch, kms, bedrock } = world;
  const random = new Random(schedule.seed ^ 0x5bd1e995);
  const guard = new Guard(world, schedule.faults, {
    settings: settingsOf(schedule),
    wrap: planted?.wrap ?? ((ports) => ports),
  });
  const people = new People(world, random.fork(), guard);
  for (let role = 1; role <= schedule.roles; role++) world.roles.create(roleNumber(role), 0);
  for (let key = 1; key <= schedule.keys; key++) {
    kms.create(keyNumber(key), { Version: "2012-10-17", Id: "key-default-1", Statement: [ADMIN_STATEMENT] });
  }
  kms.staleness = schedule.staleness.kms;
  bedrock.staleness = schedule.staleness.bedrock;
  world.trail.rates = schedule.delivery;
  engine.after(random.between(0, 60_000), () => guard.deployed());
  plan(world, schedule.deeds, people);
  for (let at = random.between(0, DAY_MS); at < schedule.spanMs; at += DAY_MS) {
    engine.after(at, () => guard.daily());
  }
  await engine.run(schedule.start + schedule.spanMs + PATIENCE_MS);

  // From here on nothing goes wrong any more, and what stood in the way is cleared.
  guard.rates = NO_FAULTS;
  kms.staleness = 0;
  bedrock.staleness = 0;
  await engine.run();
  if (isTold(schedule)) judgePromptness(world);
  clear(world, schedule, people);
  // The budgets of the hour, and events of days ago, are behind us.
  await engine.run(engine.now + 2 * HOUR_MS);
  engine.after(0, () => guard.sweep());
  await engine.run();
  // What only a whole sweep can prove to be unneeded goes with the sweep after the one that found it so.
  engine.after(HOUR_MS, () => guard.sweep());
  await engine.run();
  engine.after(DAY_MS, () => guard.daily());
  await engine.run();
  if (watch.violations.length === 0) judgeTheEnd(world);
  if (watch.violations.length === 0) await rest(world, guard);
  return {
    violations: watch.violations,
    trace: world.trace.lines,
    counts: { ...watch.counts, ...watch.foreign.counts, tooLate: watch.ledger.tooLate, events: engine.events },
  };
}

/**
 * Whether events told of all that happened, and nothing kept the guard from acting on them: a budget that is spent and calls
 * that fail again and again use up its patience, and people are told.
 */
function isTold({ delivery, deeds, staleness, faults, budgets }: Schedule): boolean {
  const untold = new Set(["pause-guard", "hold-key", "make-role", "delete-role"]);
  const isCalm = faults.error <= 0.01 && budgets.keyPerHour >= AMPLE;
  return (
    isCalm && delivery.dropped === 0 && staleness.bedrock === 0 && !deeds.some(({ deed }) => untold.has(deed.kind))
  );
}

async function rest({ engine, watch }: World, guard: Guard): Promise<void> {
  const { puts } = watch.counts;
  engine.after(HOUR_MS, () => guard.sweep());
  await engine.run();
  if (watch.counts.puts > puts) watch.broken("rest", "a sweep over keys that were all in order wrote a policy");
}

function makeWorld(schedule: Schedule, isTraced: boolean, planted: Bug | undefined): World {
  const engine = new Engine(schedule.start);
  const random = new Random(schedule.seed ^ 0x2545f491);
  const trace = new Trace(engine, isTraced);
  const roles = new RolesModel(engine);
  const queue = (options: QueueOptions) => new QueueModel(engine, random.fork(), options);
  const { duplicates } = schedule;
  const queues = {
    intake: queue({ name: "intake", visibilityMs: 6 * MINUTE_MS, attempts: 5, fifo: false, duplicates }),
    keys: queue({ name: "key", visibilityMs: 6 * MINUTE_MS, attempts: 5, fifo: true, duplicates: 0 }),
    alerts: queue({ name: "alert", visibilityMs: 6 * MINUTE_MS, attempts: 5, fifo: false, duplicates }),
    sweep: queue({ name: "sweep", visibilityMs: 30 * MINUTE_MS, attempts: 5, fifo: false, duplicates }),
  };
  if (planted?.send) queues.keys.onSend = planted.send;
  const world: World = {
    engine,
    random,
    trace,
    calls: new Calls(engine, trace),
    kms: new KmsModel(engine, random.fork(), roles),
    bedrock: new BedrockModel(engine, random.fork()),
    roles,
    state: new StateModel(),
    queues,
    trail: new Trail(engine, random.fork(), queues.intake, trace),
    watch: new Watch(() => world, settingsOf(schedule)),
  };
  return world;
}

function settingsOf({ budgets, restoreLostUpdates }: Schedule): ReconcileSettings {
  return {
    account: ACCOUNT,
    mode: "enforce",
    modeTag: MODE_TAG,
    optIn: undefined,
    profile: "documented",
    budgets,
    restoreLostUpdates,
  };
}

/** Deeds at their time; those that wait for a call of the guard, with it, or at their time after all. */
function plan({ engine, calls }: World, deeds: readonly PlannedDeed[], people: People): void {
  const waiting = new Set<PlannedDeed>();
  for (const planned of deeds) {
    const begin = engine.now + planned.at;
    if (!planned.with) {
      engine.at(begin, () => people.do(planned.deed));
      continue;
    }
    engine.at(begin, () => waiting.add(planned));
    engine.at(begin + PATIENCE_MS, () => {
      if (waiting.delete(planned)) people.do(planned.deed);
    });
  }
  calls.ambush = (name, moment) => {
    for (const planned of waiting) {
      if (planned.with?.call !== name || planned.with.moment !== moment) continue;
      waiting.delete(planned);
      people.do(planned.deed);
      return;
    }
  };
}

/** Pauses, holds and tags that people set are taken back, keys enabled. */
function clear({ engine, state, kms, watch }: World, schedule: Schedule, people: People): void {
  engine.after(0, () => {
    if (state.pause.kind === "paused") people.pause(false);
    for (let number = 1; number <= schedule.keys; number++) {
      const hold = state.holds.get(keyNumber(number));
      if (hold && hold.kind !== "lifted") people.resume(number);
      const key = kms.key(keyNumber(number));
      key.tags.delete(MODE_TAG);
      key.state = "Enabled";
    }
    watch.railsChanged();
  });
}
