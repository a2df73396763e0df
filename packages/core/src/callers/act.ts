/** One caller whose policy of the guard's is not as it should be: the rails, then the write. Fails closed. */
import { contestedSince } from "../key/contest.ts";
import { holds } from "../key/hindrance.ts";
import type { Cause } from "../key/job.ts";
import type { Mode } from "../key/rails.ts";
import { THE_GUARD } from "../key/write.ts";
import type { Clock, Hold, Holds, KillSwitch, Log, OperatorCommands, WriteBudget } from "../ports.ts";
import type { Identity } from "./account.ts";
import { MOST_REMOVALS, removalsBefore } from "./contest.ts";
import { arnOf } from "./findings.ts";
import type { CallerJournalEntry } from "./journal.ts";
import { type CallerPlan, type Need, type PlanSettings, withheldByTags } from "./plan.ts";
import type { CallerCommands, CallerIdentities } from "./ports.ts";
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
  /** Not written; `why` says it with the way out. */
  | { readonly kind: "held"; readonly why: string }
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
  if (!samePolicy(live.ownPolicy, planned)) return done({ kind: "again", why: "its policy has changed meanwhile" });
  const tagged = withheldByTags({ kind: identity.kind, tags: live.tags }, settings);
  if (tagged) return done({ kind: "held", why: withheldInWords(tagged, identity) });

  const hold = await ports.holds.of(caller);
  if (hold?.kind === "contest") return done({ kind: "contested", hold });
  if (hold && holds(hold)) {
    return done({
      kind: "held",
      why: `${hold.by} keeps the guard from it (${hold.reason}); to let it: ${ports.commands.resume(caller)}`,
    });
  }
  if (change.kind === "put") {
    const contest = await newContest(identity, hold, live.ownPolicy, causes, ports);
    if (contest) return done({ kind: "contested", hold: contest });
  }
  const why = await spent(caller, ports, settings);
  if (why) return done({ kind: "held", why });

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
async function spent(
  caller: ReturnType<typeof arnOf>,
  { killSwitch, budget, clock, commands }: ActPorts,
  { writesPerHour }: ActSettings,
): Promise<string | undefined> {
  const pause = await killSwitch.read();
  if (pause.kind === "paused") {
    return `the guard is paused by ${pause.by} (${pause.reason}); to let it write: ${commands.resumeGuard()}`;
  }
  const hour = clock.now().slice(0, "2026-11-23T10".length);
  if ((await budget.reserve(caller, hour, WRITES_PER_CALLER_AND_HOUR)) === "spent") {
    return `it was written to ${WRITES_PER_CALLER_AND_HOUR} times within this hour; see ${commands.history(caller)}`;
  }
  if ((await budget.reserve("callers", hour, writesPerHour)) === "spent") {
    return `callers were written to ${writesPerHour} times within this hour (setting \`callers.writesPerHour\`)`;
  }
  return undefined;
}

/** What is given and taken, a line each. */
export function diffOf(change: Change, name: (need: Need) => string): readonly string[] {
  const adds = change.kind === "put" ? change.adds : [];
  return [...adds.map((need) => `+ ${name(need)}`), ...change.removes.map((need) => `- ${name(need)}`)];
}
