/** `rollback`: the policy that stood before a write of the guard is put back, and the guard then leaves its owner alone. */
import type { Options } from "../options.ts";
import { awsFailure } from "./aws-failure.ts";
import { consents } from "./consent.ts";
import { realDesk } from "./desk.ts";
import type { Desk, Guard, Terminal } from "./guard.ts";
import { ROLLBACK_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { personFor } from "./person.ts";
import { needSubject, placeOf, readCommand, reasonIn } from "./read-command.ts";
import { undoOfCaller } from "./rollback-caller.ts";
import { undoOfKey } from "./rollback-key.ts";
import { reachingAws } from "./run.ts";
import { ended } from "./session.ts";
import { commandsAbout, inAnswer, nounOf, type Subject } from "./subject.ts";
import type { By, Undo, Undone } from "./undo.ts";

const NO_REASON = "no reason was given";

export async function rollback(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const told = readCommand(args, { command: "rollback", values: ["entry", "reason"], flags: ["yes"] });
  const { options } = told;
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(ROLLBACK_HELP.trimEnd());
    return 0;
  }
  const subject = needSubject(told, "rollback");
  const reason = reasonIn(options) ?? NO_REASON;
  const place = placeOf(told, "rollback", desk.environment);
  return reachingAws(terminal, async () => {
    const guard = await desk.guardAt(place);
    const by = { arn: (await personFor(subject, guard)).arn, reason };
    const plan = await undoOf(subject, options.one("entry"), guard);
    if (plan.kind === "refused") return end(refusedPlan(subject, plan.reason), options, terminal);
    const willDo = planLines(subject, plan, by, guard, terminal.columns);
    if (!(await consents(willDo, "put the former policy back", options, terminal))) return 1;
    return end(await carriedOut(subject, plan, by, guard), options, terminal);
  });
}

function undoOf({ kind, arn }: Subject, entryId: string | undefined, guard: Guard) {
  return kind === "key" ? undoOfKey(arn, entryId, guard) : undoOfCaller(arn, entryId, guard);
}

function planLines(subject: Subject, undo: Undo, by: By, guard: Guard, columns: number): readonly string[] {
  const { entry, what, between } = undo;
  const line = (label: string, text: string) => labelled(label, text, columns);
  const warning = `${undo.warning} The guard then leaves the ${nounOf(subject)} alone, until someone runs:`;
  return [
    subject.arn,
    ...line("undoes", `the ${entry.action} of ${entry.at}, by ${entry.by}`),
    ...line("entry", entry.id),
    ...line("what", what),
    ...line("as", `${by.arn}: ${by.reason}`),
    "",
    ...between,
    "",
    paragraph(warning, columns),
    `  ${commandsAbout(subject, guard).resume}`,
  ];
}

type Ended = Omit<Undone, "result"> & {
  readonly result: Undone["result"] | "failed" | "not-known";
  readonly undone?: string;
} & ReturnType<typeof inAnswer>;

function refusedPlan(subject: Subject, reason: string): Ended {
  return { result: "refused", ...inAnswer(subject), says: `nothing was written: ${reason}` };
}

/** 0 only where the former policy stands for certain. */
function end(outcome: Ended, options: Options, terminal: Terminal): Promise<number> {
  const stands = outcome.result === "verified" || outcome.result === "written";
  return ended(outcome, stands, { options, terminal });
}

async function carriedOut(subject: Subject, undo: Undo, by: By, guard: Guard): Promise<Ended> {
  const of = { ...inAnswer(subject), undone: undo.entry.id };
  const tried = { hold: false, put: false };
  try {
    const { result, ...rest } = await undo.carryOut(by, tried);
    return { result, ...of, ...rest };
  } catch (error) {
    const failure = awsFailure(error);
    if (failure === undefined) throw error;
    return { ...of, ...brokenOff(failure, subject, tried, guard) };
  }
}

function brokenOff(
  failure: string,
  subject: Subject,
  tried: { readonly hold: boolean; readonly put: boolean },
  guard: Guard,
): { readonly result: "failed" | "not-known"; readonly says: string } {
  if (!tried.hold) return { result: "failed", says: `nothing was written: ${failure}` };
  const { resume, history } = commandsAbout(subject, guard);
  const hold = `The guard leaves the ${nounOf(subject)} alone until someone runs:\n  ${resume}`;
  if (!tried.put) return { result: "failed", says: `the policy was not written: ${failure}\n${hold}` };
  const service = subject.kind === "key" ? "KMS" : "IAM";
  return {
    result: "not-known",
    says: `${failure}\nIt is not known whether ${service} took the policy; this shows it, and what became of it:\n  ${history} --diff\n${hold}`,
  };
}
