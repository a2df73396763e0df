/** `resume`: the guard may write again, to one key, role or user, or to all. */
import type { Hold } from "@bedrock-key-guard/core/ports.ts";
import { realDesk } from "./desk.ts";
import type { Desk, Guard } from "./guard.ts";
import { RESUME_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { personFor } from "./person.ts";
import { placeOf, readCommand } from "./read-command.ts";
import { reachingAws } from "./run.ts";
import { agreed, ended, type Session } from "./session.ts";
import { holdLines, holdNow, killSwitchLines, killSwitchNow } from "./standing.ts";
import { inAnswer, nounOf, type Subject } from "./subject.ts";

const NEXT = "It looks again when something changes, and at the latest with its next sweep.";
/** What it writes there for. */
const WHERE: Readonly<Record<ReturnType<typeof nounOf>, string>> = {
  key: "where its agents lack something",
  role: "where it lacks the key of an agent that it may invoke",
  user: "where it lacks the key of an agent that it may invoke",
};

export async function resume(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const told = readCommand(args, { command: "resume", values: [], flags: ["yes"] });
  const { options, subject } = told;
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(RESUME_HELP.trimEnd());
    return 0;
  }
  const place = placeOf(told, "resume", desk.environment);
  return reachingAws(terminal, async () => {
    const session: Session = { guard: await desk.guardAt(place), place, options, terminal };
    return subject === undefined ? resumeAll(session) : resumeOne(subject, session);
  });
}

/** The hold is replaced, not deleted: what was contested before it was lifted must not count any more. */
async function resumeOne(subject: Subject, session: Session): Promise<number> {
  const { guard, terminal } = session;
  const { columns } = terminal;
  const noun = nounOf(subject);
  const person = await personFor(subject, guard);
  const former = await holdNow(subject.arn, guard);
  if (former === undefined || former.kind === "lifted") {
    const says = `nothing was written: the ${noun} is not on hold.${await alsoPaused(guard)}`;
    return ended({ result: "not-on-hold", ...inAnswer(subject), says }, true, session);
  }
  const plan = [
    subject.arn,
    ...holdLines(former, columns),
    ...labelled("as", person.arn, columns),
    "",
    paragraph(`The guard will write to this ${noun} again, ${WHERE[noun]}. ${NEXT}`, columns),
  ];
  if (!(await agreed(plan, `let the guard write to this ${noun}`, session))) return 1;
  const hold: Hold = { kind: "lifted", by: person.arn, reason: "by `resume`", at: guard.clock.now() };
  await guard.holds.set(subject.arn, hold);
  const says = `done: the guard may write to this ${noun} again.${await alsoPaused(guard)}`;
  return ended({ result: "resumed", ...inAnswer(subject), hold, says }, true, session);
}

/** What is let go while the whole guard is paused is not written to either. */
async function alsoPaused(guard: Guard): Promise<string> {
  if ((await killSwitchNow(guard)).kind === "off") return "";
  return ` But the whole guard is paused; this lets it write again:\n  ${guard.commands.resumeGuard()}`;
}

async function resumeAll(session: Session): Promise<number> {
  const { guard, place, terminal } = session;
  const { columns } = terminal;
  const former = await killSwitchNow(guard);
  if (former.kind === "off") {
    const says = "nothing was written: the guard is not paused. What is on hold is let go one by one, by `resume ARN`.";
    return ended({ result: "not-paused", ...place, says }, true, session);
  }
  const by = (await guard.person()).arn;
  const plan = [
    ...labelled("guard", `table ${place.table}, ${place.region}`, columns),
    ...killSwitchLines(former, columns),
    ...labelled("as", by, columns),
    "",
    paragraph(`The guard will write again, but to what is on hold. ${NEXT}`, columns),
  ];
  if (!(await agreed(plan, "let the guard write", session))) return 1;
  await guard.lever.resume();
  return ended({ result: "resumed", ...place, says: "done: the guard may write again." } as const, true, session);
}
