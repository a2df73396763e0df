/** One caller whose policy of the guard's is not as it should be: the rails, then the write. Fails closed. */
import { plain } from "../finding/render.ts";
import { contestedSince } from "../key/contest.ts";
import { holds } from "../key/hindrance.ts";
import type { Cause } from "../key/job.ts";
import type { Mode } from "../key/rails.ts";
import { THE_GUARD } from "../key/write.ts";
import type { Clock, Hold, Holds, KillSwitch, Log, OperatorCommands, WriteBudget } from "../ports.ts";
import type { Identity } from "./account.ts";
import { arnOf } from "./caller-arn.ts";
import { MOST_REMOVALS, removalsBefore } from "./contest.ts";
import type { CallerJournalEntry } from "./journal.ts";
import { type CallerPlan, type Need, type PlanSettings, withheldByTags } from "./plan.ts";
import type { CallerCommands, CallerIdentities, CallerReading } from "./ports.ts";
import type { Reason } from "./remedies.ts";
import { settleFormerChange } from "./settle.ts";
import { withheldInWords } from "./words.ts";
import { type CallerWritePorts, changePolicy, samePolicy } from "./write.ts";

export interface ActPorts extends CallerWritePorts {
  readonly identities: CallerIdentities;
  readonly holds: Holds;
  readonly killSwitch: KillSwitch;
  readonly budget: WriteBudget;
  readonly commands: OperatorCommands & CallerCommands;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ActSettings extends Pick<PlanSettings, "modeTag" | "optIn"> {
  readonly mode: Mode;
  /** For all callers together. */
  readonly writesPerHour: number;
}

/** A caller is written to no more often than this within an hour, whatever changes. */
const WRITES_PER_CALLER_AND_HOUR = 5;

export type Act =
  | { readonly kind: "written"; readonly entry: CallerJournalEntry }
  | { readonly kind: "held"; readonly reason: Reason }
  /** Not written: as often as it may within the hour it was written already. */
  | { readonly kind: "spent"; readonly reason: Reason }
  | { readonly kind: "contested"; readonly hold: Hold }
  /** It is not as IAM told a moment ago, or IAM takes no more calls: to be looked at again. */
  | { readonly kind: "again"; readonly why: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface Acted {
  readonly act: Act;
  /** Writes of before that people were not told of. */
  readonly untold: CallerJournalEntry | undefined;
}

export type Change = Extract<CallerPlan, { kind: "put" | "remove" }>;

/**
 * @param planned - the guard's policy that the plan was made from; absent where there was none
 * @param diff - what is given and taken, for people
 */
export async function act(
  identity: Identity,
  change: Change,
  {
    planned,
    diff,
    causes,
  }: {
    readonly planned: string | undefined;
    readonly diff: readonly string[];
    readonly causes: readonly [Cause, ...Cause[]];
  },
  ports: ActPorts,
  settings: ActSettings,
): Promise<Acted> {
  const caller = arnOf(identity);
  const live = await ports.identities.read(caller);
  if (live.kind === "gone") return only({ kind: "refused", code: "NoSuchEntity", message: "it is gone" });
  if (live.kind === "denied") return only({ kind: "refused", code: "AccessDenied", message: live.message });

  const { latest, untold } = await settleFormerChange(await ports.callerJournal.latest(caller), live.ownPolicy, ports);
  const done = (act: Act): Acted => ({ act, untold });
  if (isAnother(identity, live)) return done({ kind: "again", why: "a role or user was made anew meanwhile" });
  if (!samePolicy(live.ownPolicy, planned)) return done({ kind: "again", why: "its policy has changed meanwhile" });
  const tagged = withheldByTags({ kind: identity.kind, tags: live.tags }, settings);
  if (tagged) return done({ kind: "held", reason: { why: withheldInWords(tagged, identity) } });

  const hold = await ports.holds.of(caller);
  if (hold?.kind === "contest") return done({ kind: "contested", hold });
  if (hold && holds(hold)) {
    const way = { to: "let it write", command: ports.commands.resume(caller) };
    return done({ kind: "held", reason: { why: plain(`${hold.by} keeps the guard from it (${hold.reason})`), way } });
  }
  if (change.kind === "put") {
    const contest = await newContest(identity, hold, live.ownPolicy, causes, ports);
    if (contest) return done({ kind: "contested", hold: contest });
  }
  const stopped = await stop(caller, ports, settings);
  if (stopped) return done(stopped);

  const written = await changePolicy(
    {
      caller,
      action: "give",
      by: THE_GUARD,
      before: live.ownPolicy,
      after: change.kind === "put" ? change.text : undefined,
      causes,
      diff,
      latest,
    },
    ports,
  );
  switch (written.kind) {
    case "written":
    case "refused":
      return done(written);
    case "throttled":
      return done({ kind: "again", why: "IAM takes no more calls for the moment" });
    case "gone":
      return done({ kind: "refused", code: "NoSuchEntity", message: "it is gone" });
    default:
      return written satisfies never;
  }
}

/** Whoever deletes a role and makes another of its name need not mean that one to invoke anything. */
function isAnother(planned: Identity, live: Extract<CallerReading, { kind: "found" }>): boolean {
  return planned.uniqueId !== undefined && live.uniqueId !== undefined && planned.uniqueId !== live.uniqueId;
}

function only(act: Act): Acted {
  return { act, untold: undefined };
}

async function newContest(
  identity: Identity,
  hold: Hold | undefined,
  live: string | undefined,
  causes: readonly Cause[],
  ports: ActPorts,
): Promise<Hold | undefined> {
  const caller = arnOf(identity);
  const now = ports.clock.now();
  const count = removalsBefore(await ports.callerJournal.since(caller, contestedSince(hold, now)), live);
  if (count < MOST_REMOVALS) return undefined;
  const last = causes.flatMap((cause) => (cause.kind === "event" ? [cause.actor.arn] : [])).at(-1);
  const contest: Hold = {
    kind: "contest",
    by: last ? `the last call was by ${last}` : "no event told by whom",
    reason: `The guard's policy was taken away or changed ${count} times within a day`,
    at: now,
  };
  await ports.holds.set(caller, contest);
  return contest;
}

/** The kill switch, then the budgets, which are never given back: right before the write. */
async function stop(
  caller: ReturnType<typeof arnOf>,
  { killSwitch, budget, clock, commands }: ActPorts,
  { writesPerHour }: ActSettings,
): Promise<Extract<Act, { kind: "held" | "spent" }> | undefined> {
  const pause = await killSwitch.read();
  if (pause.kind === "paused") {
    const way = { to: "let it write", command: commands.resumeGuard() };
    return { kind: "held", reason: { why: plain(`the guard is paused by ${pause.by} (${pause.reason})`), way } };
  }
  const hour = clock.now().slice(0, "2026-11-23T10".length);
  const spent = (why: string, way?: Reason["way"]) =>
    ({ kind: "spent", reason: { why: `${why}; it looks again in the next hour`, way } }) as const;
  if ((await budget.reserve(caller, hour, WRITES_PER_CALLER_AND_HOUR)) === "spent") {
    const way = { to: "see what it wrote", command: commands.history(caller) };
    return spent(`it wrote to it ${WRITES_PER_CALLER_AND_HOUR} times within this hour, which is the most`, way);
  }
  if ((await budget.reserve("callers", hour, writesPerHour)) === "spent") {
    return spent(
      `it wrote to callers ${writesPerHour} times within this hour, which is the most (setting \`callers.writesPerHour\`)`,
    );
  }
  return undefined;
}

/** What is given and taken, a line each. */
export function diffOf(change: Change, name: (need: Need) => string): readonly string[] {
  const adds = change.kind === "put" ? change.adds : [];
  return [...adds.map((need) => `+ ${name(need)}`), ...change.removes.map((need) => `- ${name(need)}`)];
}
