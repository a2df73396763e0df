/** `findings`: what is open, worst first, with what to do about each. Nothing is written. */
import type { Silence } from "@bedrock-key-guard/core/alert/ports.ts";
import { SEVERITIES } from "@bedrock-key-guard/core/finding/finding.ts";
import { actorOf } from "@bedrock-key-guard/core/finding/life.ts";
import type { FindingRecord } from "@bedrock-key-guard/core/finding/record.ts";
import { actorText } from "@bedrock-key-guard/core/finding/render.ts";
import { readOptions } from "../options.ts";
import { harmless, harmlessJson } from "../output/terminal.ts";
import { realDesk } from "./desk.ts";
import type { Desk, Guard } from "./guard.ts";
import { FINDINGS_HELP } from "./help.ts";
import { labelled, paragraph } from "./lines.ts";
import { placeOf } from "./read-command.ts";
import { reachingAws } from "./run.ts";
import { doubtAboutTable } from "./standing.ts";

export async function findings(args: readonly string[], desk: Desk = realDesk()): Promise<number> {
  const options = readOptions(args, {
    command: "findings",
    values: { table: "once", region: "once" },
    flags: ["json", "all"],
  });
  const { terminal } = desk;
  if (options.has("help")) {
    await terminal.print(FINDINGS_HELP.trimEnd());
    return 0;
  }
  const place = placeOf({ options, subject: undefined }, "findings", desk.environment);
  return reachingAws(terminal, async () => {
    const guard = await desk.guardAt(place);
    const now = guard.clock.now();
    const silences = (await guard.silences.all()).filter(({ until }) => until > now);
    const records = [...(await guard.findings.all())].sort(inOrder);
    const shown = options.has("all") ? records : records.filter(({ state }) => state === "open");
    if (options.has("json")) {
      const found = shown.map((record) => ({ ...record, silence: silenceOf(record, silences) ?? null }));
      await terminal.print(harmlessJson({ findings: found }, 2));
    } else {
      await terminal.print(harmless(await inText(shown, silences, guard, terminal.columns)));
    }
    return records.some(({ state }) => state === "open") ? 1 : 0;
  });
}

function inOrder(a: FindingRecord, b: FindingRecord): number {
  const rank = ({ state, severity }: FindingRecord) => (state === "open" ? 0 : 10) + SEVERITIES.indexOf(severity);
  return rank(a) - rank(b) || (a.openedAt < b.openedAt ? -1 : 1);
}

function silenceOf({ ref }: FindingRecord, silences: readonly Silence[]): Silence | undefined {
  return silences.find((one) => one.ref === ref);
}

async function inText(
  records: readonly FindingRecord[],
  silences: readonly Silence[],
  guard: Guard,
  columns: number,
): Promise<string> {
  if (records.length === 0)
    return [paragraph("nothing is open.", columns), ...(await doubtAboutTable(guard))].join("\n");
  return records
    .flatMap((record) => ["", ...lines(record, silenceOf(record, silences), columns)])
    .join("\n")
    .trimStart();
}

function lines(record: FindingRecord, silence: Silence | undefined, columns: number): readonly string[] {
  const { ref, severity, kind, title, detail, key, caller, names, agents, openedAt, resolved, begun, causes, remedy } =
    record;
  const line = (label: string, text: string) => labelled(label, text, columns);
  const known = new Map(names.map(({ id, name }) => [id, name]));
  const about = agents.map((id) => (known.has(id) ? `${known.get(id)} (${id})` : id)).join(", ");
  const actor = actorOf(causes);
  return [
    `${ref}  ${severity}  ${kind}`,
    ...paragraph(title, columns).split("\n"),
    ...(key ? line("key", key) : []),
    ...(caller ? line("caller", caller) : []),
    ...(about === "" ? [] : line("agents", about)),
    ...line("since", `${openedAt}${begun.length > 1 ? `; ${begun.length} times so far` : ""}`),
    ...(resolved ? line("over", `${resolved.at}, by ${resolved.by === "guard" ? "the guard" : "others"}`) : []),
    ...(actor ? line("by", actorText(actor)) : []),
    ...(silence
      ? line("silenced", `until ${silence.until}, by ${silence.by}${silence.reason ? `: ${silence.reason}` : ""}`)
      : []),
    ...line("why", detail),
    ...(resolved ? [] : remedy.flatMap((step) => step.split("\n").map((one) => `  ${one}`))),
  ];
}
