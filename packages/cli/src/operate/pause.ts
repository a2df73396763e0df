/** `pause`: the guard writes to one key no more, or to none. */
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { Hold } from "@bedrock-key-guard/core/ports.ts";
import { InputError } from "../input/input-error.ts";
import { realDesk } from "./desk.ts";
import type { Desk } from "./guard.ts";
import { PAUSE_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { personFor } from "./person.ts";
import { placeOf, readCommand, reasonIn } from "./read-command.ts";
import { reachingAws } from "./run.ts";
import { agreed, ended, type Session } from "./session.ts";
import { doubtAboutTable, holdLines, holdNow, killSwitchLines, killSwitchNow } from "./standing.ts";

const UNDER_WAY = "A write that is under way at this moment may still be made.";

export async function pause(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const told = readCommand(args, { command: "pause", values: ["region", "reason"], flags: ["yes"] });
  const { options, key } = told;
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
    return key === undefined ? pauseAll(reason, session) : pauseKey(key, reason, session);
  });
}

async function pauseKey(key: KeyArn, reason: string, session: Session): Promise<number> {
  const { guard, terminal } = session;
  const { columns } = terminal;
  const person = await personFor(key, guard);
  const described = await guard.keys.describe(key);
  if (described.kind === "not-found") {
    return ended({ result: "refused", says: `nothing was written: KMS knows no key \`${key}\`` }, false, session);
  }
  const unseen =
    described.kind === "denied" ? ["Whether there is such a key can't be read with these credentials."] : [];
  const plan = [
    key,
    ...holdLines(await holdNow(key, guard), columns),
    ...labelled("reason", reason, columns),
    ...labelled("as", person.arn, columns),
    "",
    ...[...unseen, ...(await doubtAboutTable(guard))].map((doubt) => paragraph(doubt, columns)),
    paragraph(`The guard will write nothing to this key, and tell what it would have written. ${UNDER_WAY}`, columns),
  ];
  if (!(await agreed(plan, "pause the guard for this key", session))) return 1;
  const hold: Hold = { kind: "person", by: person.arn, reason, at: guard.clock.now() };
  await guard.holds.set(key, hold);
  const says = `done: the guard writes nothing to this key until someone runs:\n  ${guard.commands.resumeKey(key)}`;
  return ended({ result: "paused", key, hold, says }, true, session);
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
      `The guard will write to NO key of this account and Region, and tell what it would have written. ${UNDER_WAY}`,
      columns,
    ),
  ];
  if (!(await agreed(plan, "pause the guard for all keys", session))) return 1;
  const at = guard.clock.now();
  await guard.lever.pause(by, reason, at);
  const says = `done: the guard writes to no key until someone runs:\n  ${guard.commands.resumeGuard()}`;
  return ended({ result: "paused", ...place, pause: { by, reason, at }, says }, true, session);
}
