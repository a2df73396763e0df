/** `resume`: the guard may write again, to one key or to all. */
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
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

const NEXT = "It looks at a key when something about it changes, and at the latest with its next sweep.";

export async function resume(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const told = readCommand(args, { command: "resume", values: ["region"], flags: ["yes"] });
  const { options, key } = told;
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(RESUME_HELP.trimEnd());
    return 0;
  }
  const place = placeOf(told, "resume", desk.environment);
  return reachingAws(terminal, async () => {
    const session: Session = { guard: await desk.guardAt(place), place, options, terminal };
    return key === undefined ? resumeAll(session) : resumeKey(key, session);
  });
}

/** The hold is replaced, not deleted: what was contested before it was lifted must not count any more. */
async function resumeKey(key: KeyArn, session: Session): Promise<number> {
  const { guard, terminal } = session;
  const { columns } = terminal;
  const person = await personFor(key, guard);
  const former = await holdNow(key, guard);
  if (former === undefined || former.kind === "lifted") {
    const says = `nothing was written: the key is not on hold.${await alsoPaused(guard)}`;
    return ended({ result: "not-on-hold", key, says }, true, session);
  }
  const plan = [
    key,
    ...holdLines(former, columns),
    ...labelled("as", person.arn, columns),
    "",
    paragraph(`The guard will write to this key again, where its agents lack something. ${NEXT}`, columns),
  ];
  if (!(await agreed(plan, "let the guard write to this key", session))) return 1;
  const hold: Hold = { kind: "lifted", by: person.arn, reason: "by `resume`", at: guard.clock.now() };
  await guard.holds.set(key, hold);
  const says = `done: the guard may write to this key again.${await alsoPaused(guard)}`;
  return ended({ result: "resumed", key, hold, says }, true, session);
}

/** A key that is let go while the whole guard is paused is not written to either. */
async function alsoPaused(guard: Guard): Promise<string> {
  if ((await killSwitchNow(guard)).kind === "off") return "";
  return ` But the whole guard is paused; this lets it write again:\n  ${guard.commands.resumeGuard()}`;
}

async function resumeAll(session: Session): Promise<number> {
  const { guard, place, terminal } = session;
  const { columns } = terminal;
  const former = await killSwitchNow(guard);
  if (former.kind === "off") {
    const says = "nothing was written: the guard is not paused. Keys on hold are let go one by one, by `resume KEY`.";
    return ended({ result: "not-paused", ...place, says }, true, session);
  }
  const by = (await guard.person()).arn;
  const plan = [
    ...labelled("guard", `table ${place.table}, ${place.region}`, columns),
    ...killSwitchLines(former, columns),
    ...labelled("as", by, columns),
    "",
    paragraph(`The guard will write to keys again, but for those on hold. ${NEXT}`, columns),
  ];
  if (!(await agreed(plan, "let the guard write", session))) return 1;
  await guard.lever.resume();
  return ended({ result: "resumed", ...place, says: "done: the guard may write again." } as const, true, session);
}
