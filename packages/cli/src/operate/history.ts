/** `history`: what was written to a key's policy, or for a role or user, and why. Nothing is written. */
import { causeText } from "@bedrock-key-guard/core/finding/render.ts";
import { holds } from "@bedrock-key-guard/core/key/hindrance.ts";
import type { Hold } from "@bedrock-key-guard/core/ports.ts";
import { InputError } from "../input/input-error.ts";
import type { Options } from "../options.ts";
import { harmless, harmlessJson } from "../output/terminal.ts";
import { realDesk } from "./desk.ts";
import type { Desk, Guard } from "./guard.ts";
import { HISTORY_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { needSubject, placeOf, readCommand } from "./read-command.ts";
import { reachingAws } from "./run.ts";
import { doubtAboutTable, holdLines } from "./standing.ts";
import { commandsAbout, inAnswer, nounOf, type Subject } from "./subject.ts";
import { newestOf, type Written } from "./written.ts";

const USUAL_LIMIT = 20;
const HIGHEST_LIMIT = 1000;

export async function history(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const told = readCommand(args, { command: "history", values: ["limit"], flags: ["diff"] });
  const { options } = told;
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(HISTORY_HELP.trimEnd());
    return 0;
  }
  const subject = needSubject(told, "history");
  const limit = limitIn(options);
  const place = placeOf(told, "history", desk.environment);
  return reachingAws(terminal, async () => {
    const guard = await desk.guardAt(place);
    const found = await newestOf(subject, limit + 1, guard);
    const entries = found.slice(0, limit);
    const seen: Seen = { subject, hold: await guard.holds.of(subject.arn), entries, more: found.length > limit };
    if (options.has("json")) await terminal.print(harmlessJson(inJson(seen), 2));
    else await terminal.print(harmless(await inText(seen, guard, options.has("diff"), terminal.columns)));
    return 0;
  });
}

function limitIn(options: Options): number {
  const text = options.one("limit");
  if (text === undefined) return USUAL_LIMIT;
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= HIGHEST_LIMIT) return limit;
  throw new InputError(`\`--limit\` is \`${text}\`; give a whole number from 1 to ${HIGHEST_LIMIT}`);
}

interface Seen {
  readonly subject: Subject;
  readonly hold: Hold | undefined;
  readonly entries: readonly Written[];
  /** Whether there are older ones. */
  readonly more: boolean;
}

async function inText(
  { subject, hold, entries, more }: Seen,
  guard: Guard,
  diff: boolean,
  columns: number,
): Promise<string> {
  const onHold = hold && holds(hold) ? [...holdLines(hold, columns), `  ${commandsAbout(subject, guard).resume}`] : [];
  // Without a label, so that it fits a line of 80 columns.
  const lines = [subject.arn, ...onHold];
  if (entries.length === 0) {
    const none = `nothing was ever written to this ${nounOf(subject)}'s policy by this guard, or by \`rollback\`.`;
    return [...lines, "", paragraph(none, columns), ...(await doubtAboutTable(guard))].join("\n");
  }
  return [
    ...lines,
    ...entries.flatMap((entry) => ["", ...entryLines(entry, columns), ...(diff ? indented(entry.diff) : [])]),
    ...(more ? ["", "there are older ones: add `--limit`"] : []),
  ].join("\n");
}

function entryLines({ entry, state, what }: Written, columns: number): readonly string[] {
  const line = (label: string, text: string) => labelled(label, text, columns);
  const [first, ...others] = entry.causes;
  return [
    `${entry.at}  ${entry.action}`,
    ...line("entry", entry.id),
    ...line("by", entry.by),
    ...line("state", `${entry.state}: ${state}`),
    ...line("why", causeText(first) + (others.length > 0 ? `, and ${others.length} more` : "")),
    ...line("what", what),
  ];
}

function indented(diff: readonly string[]): readonly string[] {
  return diff.map((line) => `  ${line}`);
}

function inJson({ subject, hold, entries, more }: Seen) {
  return {
    ...inAnswer(subject),
    hold: hold && holds(hold) ? hold : null,
    entries: entries.map(({ json }) => json),
    more,
  };
}
