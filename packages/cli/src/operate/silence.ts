/** `silence`: people hear no more of findings for a while; the guard goes on looking, and repairing. */
import type { Silence } from "@bedrock-key-guard/core/alert/ports.ts";
import type { FindingRecord } from "@bedrock-key-guard/core/finding/record.ts";
import { InputError } from "../input/input-error.ts";
import { type Options, readOptions } from "../options.ts";
import { realDesk } from "./desk.ts";
import type { Desk } from "./guard.ts";
import { SILENCE_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { placeOf, reasonIn } from "./read-command.ts";
import { reachingAws } from "./run.ts";
import { agreed, ended, type Session } from "./session.ts";

const USUAL_DAYS = 30;
const MOST_DAYS = 365;
const MOST_REFS = 50;
const DAY_MS = 24 * 3_600_000;

export async function silence(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const options = readOptions(args, {
    command: "silence",
    values: { table: "once", region: "once", days: "once", reason: "once" },
    flags: ["json", "yes", "lift"],
    words: MOST_REFS,
  });
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(SILENCE_HELP.trimEnd());
    return 0;
  }
  const refs = refsIn(options);
  const reason = reasonIn(options) ?? "";
  const days = daysIn(options);
  const place = placeOf({ options, subject: undefined }, "silence", desk.environment);
  return reachingAws(terminal, async () => {
    const session: Session = { guard: await desk.guardAt(place), place, options, terminal };
    const records = await session.guard.findings.all();
    const unknown = refs.filter((ref) => !records.some((one) => one.ref === ref));
    if (unknown.length > 0) {
      const says = `nothing was written: there is no finding \`${unknown.join("`, `")}\` in the table ${place.table}; this lists them:\n  ${session.guard.commands.findings()}`;
      return ended({ result: "refused", unknown, says }, false, session);
    }
    const meant = records.filter(({ ref }) => refs.includes(ref));
    return options.has("lift") ? lift(meant, session) : set(meant, days, reason, session);
  });
}

const REF = /^[0-9a-f]{12}$/;

function refsIn({ words, has }: Options): readonly string[] {
  const wrong = words.find((word) => !REF.test(word));
  if (wrong !== undefined) {
    throw new InputError(
      `\`${wrong}\` is not a finding's name; alerts and \`findings\` show it, such as \`0f3a9c1d22b4\``,
    );
  }
  if (words.length > 0 || has("help")) return [...new Set(words)];
  throw new InputError("`silence` needs the names of findings; see `bedrock-key-guard silence --help`");
}

function daysIn(options: Options): number {
  const text = options.one("days");
  if (text === undefined) return USUAL_DAYS;
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= MOST_DAYS) return days;
  throw new InputError(`\`--days\` is \`${text}\`; give a whole number from 1 to ${MOST_DAYS}`);
}

async function set(records: readonly FindingRecord[], days: number, reason: string, session: Session): Promise<number> {
  const { guard, terminal } = session;
  const at = guard.clock.now();
  const until = new Date(Date.parse(at) + days * DAY_MS).toISOString();
  const by = (await guard.person()).arn;
  const plan = [
    ...records.map(named),
    ...(reason === "" ? [] : labelled("reason", reason, terminal.columns)),
    ...labelled("as", by, terminal.columns),
    "",
    paragraph(
      `Nobody is told of ${them(records)} until ${until}, by any channel: not when it grows worse, and not when it is over. The weekly digest names it as silenced, and the guard goes on looking, and repairing.`,
      terminal.columns,
    ),
  ];
  if (!(await agreed(plan, "silence it", session))) return 1;
  const silences = records.map(({ ref }): Silence => ({ ref, until, by, reason, at }));
  for (const one of silences) await guard.silenceLever.set(one);
  const says = `done: silenced until ${until}. To hear of it again:\n  ${liftCommand(records, session)}`;
  return ended({ result: "silenced", silences, says }, true, session);
}

async function lift(records: readonly FindingRecord[], session: Session): Promise<number> {
  const { guard, terminal } = session;
  const plan = [
    ...records.map(named),
    "",
    paragraph(`People are told of ${them(records)} again, from the next change on.`, terminal.columns),
  ];
  if (!(await agreed(plan, "hear of it again", session))) return 1;
  for (const { ref } of records) await guard.silenceLever.lift(ref);
  return ended(
    { result: "lifted", refs: records.map(({ ref }) => ref), says: "done: people are told again." },
    true,
    session,
  );
}

function named({ ref, severity, title }: FindingRecord): string {
  return `${ref}  ${severity}  ${title.split(":")[0]}`;
}

function them(records: readonly FindingRecord[]): string {
  return records.length === 1 ? "this finding" : `these ${records.length} findings`;
}

function liftCommand(records: readonly FindingRecord[], { guard }: Session): string {
  return `${guard.commands.silence(records.map(({ ref }) => ref))} --lift`;
}
