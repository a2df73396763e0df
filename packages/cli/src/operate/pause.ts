/** `pause`: the guard writes to one key, role or user no more, or to none. */
import type { Hold } from "@bedrock-key-guard/core/ports.ts";
import { InputError } from "../input/input-error.ts";
import { realDesk } from "./desk.ts";
import type { Desk, Guard } from "./guard.ts";
import { PAUSE_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { personFor } from "./person.ts";
import { placeOf, readCommand, reasonIn } from "./read-command.ts";
import { reachingAws } from "./run.ts";
import { agreed, ended, type Session } from "./session.ts";
import { doubtAboutTable, holdLines, holdNow, killSwitchLines, killSwitchNow } from "./standing.ts";
import { commandsAbout, inAnswer, nounOf, type Subject } from "./subject.ts";

const UNDER_WAY = "A write that is under way at this moment may still be made.";

export async function pause(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const told = readCommand(args, { command: "pause", values: ["reason"], flags: ["yes"] });
  const { options, subject } = told;
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(PAUSE_HELP.trimEnd());
    return 0;
  }
  const reason = reasonIn(options);
  if (reason === undefined) throw new InputError("`pause` needs `--reason`: people read it in alerts while it lasts");
  const place = placeOf(told, "pause", desk.environment);
  return reachingAws(terminal, async () => {
    const session: Session = { guard: await desk.guardAt(place), place, options, terminal };
    return subject === undefined ? pauseAll(reason, session) : pauseOne(subject, reason, session);
  });
}

async function pauseOne(subject: Subject, reason: string, session: Session): Promise<number> {
  const { guard, terminal } = session;
  const { columns } = terminal;
  const noun = nounOf(subject);
  const person = await personFor(subject, guard);
  const seen = await isThere(subject, guard);
  if (seen === "no") {
    const service = subject.kind === "key" ? "KMS" : "IAM";
    const says = `nothing was written: ${service} knows no ${noun} \`${subject.arn}\``;
    return ended({ result: "refused", says }, false, session);
  }
  const unseen = seen === "unknown" ? [`Whether there is such a ${noun} can't be read with these credentials.`] : [];
  const plan = [
    subject.arn,
    ...holdLines(await holdNow(subject.arn, guard), columns),
    ...labelled("reason", reason, columns),
    ...labelled("as", person.arn, columns),
    "",
    ...[...unseen, ...(await doubtAboutTable(guard))].map((doubt) => paragraph(doubt, columns)),
    paragraph(
      `The guard will write nothing to this ${noun}, and tell what it would have written. ${UNDER_WAY}`,
      columns,
    ),
  ];
  if (!(await agreed(plan, `pause the guard for this ${noun}`, session))) return 1;
  const hold: Hold = { kind: "person", by: person.arn, reason, at: guard.clock.now() };
  await guard.holds.set(subject.arn, hold);
  const says = `done: the guard writes nothing to this ${noun} until someone runs:\n  ${commandsAbout(subject, guard).resume}`;
  return ended({ result: "paused", ...inAnswer(subject), hold, says }, true, session);
}

/** Whoever pauses the guard for one that is not there has mistyped, and the one that was meant is not paused. */
async function isThere({ kind, arn }: Subject, guard: Guard): Promise<"yes" | "no" | "unknown"> {
  const found = kind === "key" ? await guard.keys.describe(arn) : await guard.callers.identities.read(arn);
  switch (found.kind) {
    case "found":
      return "yes";
    case "not-found":
    case "gone":
      return "no";
    case "denied":
      return "unknown";
    default:
      return found satisfies never;
  }
}

async function pauseAll(reason: string, session: Session): Promise<number> {
  const { guard, place, terminal } = session;
  const { columns } = terminal;
  const by = (await guard.person()).arn;
  const plan = [
    ...labelled("guard", `table ${place.table}, ${place.region}`, columns),
    ...killSwitchLines(await killSwitchNow(guard), columns),
    ...labelled("reason", reason, columns),
    ...labelled("as", by, columns),
    "",
    ...(await doubtAboutTable(guard)).map((doubt) => paragraph(doubt, columns)),
    paragraph(
      `The guard will write to NO key of this account and Region, nor to any role or user, and tell what it would have written. ${UNDER_WAY}`,
      columns,
    ),
  ];
  if (!(await agreed(plan, "pause the guard", session))) return 1;
  const at = guard.clock.now();
  await guard.lever.pause(by, reason, at);
  const says = `done: the guard writes to no key, role or user until someone runs:\n  ${guard.commands.resumeGuard()}`;
  return ended({ result: "paused", ...place, pause: { by, reason, at }, says }, true, session);
}
