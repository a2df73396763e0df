/** `rollback`: the policy that stood before a write of the guard is put back, and the guard then leaves the key alone. */
import { type KeyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import { planRollback, type RollbackPlan, rollBack } from "@bedrock-key-guard/core/key/rollback.ts";
import type { WriteResult } from "@bedrock-key-guard/core/key/write.ts";
import type { Options } from "../options.ts";
import { awsFailure } from "./aws-failure.ts";
import { changeBetween, changeInWords } from "./change.ts";
import { consents } from "./consent.ts";
import { realDesk } from "./desk.ts";
import type { Desk, Guard, Person, Terminal } from "./guard.ts";
import { ROLLBACK_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { personFor } from "./person.ts";
import { needKey, placeOf, readCommand, reasonIn } from "./read-command.ts";
import { reachingAws } from "./run.ts";
import { ended } from "./session.ts";

type Ready = Extract<RollbackPlan, { kind: "ready" }>;

const NO_REASON = "no reason was given";

export async function rollback(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const told = readCommand(args, { command: "rollback", values: ["entry", "reason"], flags: ["yes"] });
  const { options } = told;
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(ROLLBACK_HELP.trimEnd());
    return 0;
  }
  const key = needKey(told, "rollback");
  const reason = reasonIn(options) ?? NO_REASON;
  const place = placeOf(told, "rollback", desk.environment);
  return reachingAws(terminal, async () => {
    const guard = await desk.guardAt(place);
    const person = await personFor(key, guard);
    const plan = await planRollback(key, options.one("entry"), guard);
    if (plan.kind === "refused") return end(refusedPlan(key, plan.reason), options, terminal);
    const willDo = planLines(plan, person, reason, guard, terminal.columns);
    if (!(await consents(willDo, "put the former policy back", options, terminal))) return 1;
    return end(await carriedOut(plan, person, reason, guard), options, terminal);
  });
}

function planLines(plan: Ready, person: Person, reason: string, guard: Guard, columns: number): readonly string[] {
  const { entry, diff, live } = plan;
  const line = (label: string, text: string) => labelled(label, text, columns);
  const warning =
    "Agents that use this key may lose access to it, and fail. The guard then leaves the key alone, until someone runs:";
  return [
    entry.key,
    ...line("undoes", `the ${entry.action} of ${entry.at}, by ${entry.by}`),
    ...line("entry", entry.id),
    ...line("what", changeInWords(changeBetween(live, entry.before))),
    ...line("as", `${person.arn}: ${reason}`),
    "",
    "From the policy as it is to the one before that entry:",
    ...(diff.length > 0 ? diff.map((text) => `  ${text}`) : ["  no statement differs; what surrounds them does"]),
    "",
    paragraph(warning, columns),
    `  ${guard.commands.resumeKey(entry.key)}`,
  ];
}

interface Ended {
  readonly result: WriteResult["kind"] | "failed" | "not-known";
  readonly key: KeyArn;
  /** What was written, where something was or may have been. */
  readonly entry?: string;
  readonly undone?: string;
  readonly says: string;
}

function refusedPlan(key: KeyArn, reason: string): Ended {
  return { result: "refused", key, says: `nothing was written: ${reason}` };
}

/** 0 only where KMS was seen to have the policy. */
function end(outcome: Ended, options: Options, terminal: Terminal): Promise<number> {
  return ended(outcome, outcome.result === "verified", { options, terminal });
}

async function carriedOut(plan: Ready, person: Person, reason: string, guard: Guard): Promise<Ended> {
  const of = { key: plan.entry.key, undone: plan.entry.id };
  const traced = tracing(guard);
  try {
    return { ...of, ...described(await rollBack(plan, { arn: person.arn, reason }, traced.guard), plan, guard) };
  } catch (error) {
    const failure = awsFailure(error);
    if (failure === undefined) throw error;
    return { ...of, ...brokenOff(failure, of.key, traced.tried, guard) };
  }
}

/** What was tried before a call failed: its answer may be lost, and it may have been carried out. */
interface Tried {
  hold: boolean;
  put: boolean;
}

function tracing(guard: Guard): { readonly guard: Guard; readonly tried: Readonly<Tried> } {
  const tried: Tried = { hold: false, put: false };
  const { holds, writer } = guard;
  const traced: Guard = {
    ...guard,
    holds: {
      of: (key) => holds.of(key),
      set: (key, hold) => {
        tried.hold = true;
        return holds.set(key, hold);
      },
      lift: (key) => holds.lift(key),
    },
    writer: {
      putPolicy: (key, text) => {
        tried.put = true;
        return writer.putPolicy(key, text);
      },
    },
  };
  return { guard: traced, tried };
}

function brokenOff(failure: string, key: KeyArn, tried: Tried, guard: Guard): Pick<Ended, "result" | "says"> {
  if (!tried.hold) return { result: "failed", says: `nothing was written: ${failure}` };
  const hold = `The guard leaves the key alone until someone runs:\n  ${guard.commands.resumeKey(key)}`;
  if (!tried.put) return { result: "failed", says: `the policy was not written: ${failure}\n${hold}` };
  return {
    result: "not-known",
    says: `${failure}\nIt is not known whether KMS took the policy; this shows it, and what became of it:\n  ${guard.commands.history(key)} --diff\n${hold}`,
  };
}

function described(result: WriteResult, { entry }: Ready, guard: Guard): Pick<Ended, "result" | "entry" | "says"> {
  switch (result.kind) {
    case "verified":
      return {
        result: "verified",
        entry: result.entry.id,
        says: `done: KMS shows the former policy. The guard leaves the key alone until someone runs:\n  ${guard.commands.resumeKey(entry.key)}`,
      };
    case "unverified":
      return {
        result: "unverified",
        entry: result.entry.id,
        says: `KMS took the former policy, and does not show it yet. The guard leaves the key alone, and settles the entry when it next looks at the key. See whether it stands:\n  ${guard.commands.history(entry.key)}`,
      };
    case "changed-meanwhile":
      return {
        result: "changed-meanwhile",
        says: "nothing was written: the policy was changed since it was shown; look at it, and run the command again",
      };
    case "throttled":
      return {
        result: "throttled",
        says: `nothing was written: KMS is asked too often in ${partsOf(entry.key).region} just now; run the command again`,
      };
    case "refused":
      return { result: "refused", says: `nothing was written: KMS refused with \`${result.code}\`: ${result.message}` };
    default:
      return result satisfies never;
  }
}
