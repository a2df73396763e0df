/**
 * Two policies as lines of a diff, by statement: unchanged statements are left out, changed ones shown whole.
 * Lines start with `+ `, `- ` or two spaces.
 */
import { canonicalJson, type JsonObject } from "../policy/json.ts";
import { commonPairs } from "./common-lines.ts";

export function diffStatements(before: readonly JsonObject[], after: readonly JsonObject[]): readonly string[] {
  const kept = new Set(before.map(canonicalJson));
  const stays = new Set(after.map(canonicalJson));
  const removed = before.filter((statement) => !stays.has(canonicalJson(statement)));
  const lines: string[] = [];
  for (const statement of after.filter((s) => !kept.has(canonicalJson(s)))) {
    const former = removed.findIndex((s) => s.Sid !== undefined && s.Sid === statement.Sid);
    const [old] = former < 0 ? [] : removed.splice(former, 1);
    lines.push(...diffLines(old ? pretty(old) : [], pretty(statement)));
  }
  for (const statement of removed) lines.push(...diffLines(pretty(statement), []));
  return lines;
}

/** Lists always one member a line, so that an added agent is an added line. */
function pretty(statement: JsonObject): readonly string[] {
  return JSON.stringify(statement, null, 2).split("\n");
}

/** As few changed lines as can be; a comma at the end of a line is no difference. */
function diffLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  const changed = (untilBefore: number, untilAfter: number) => {
    for (; i < untilBefore; i++) lines.push(`- ${before[i]}`);
    for (; j < untilAfter; j++) lines.push(`+ ${after[j]}`);
  };
  for (const [old, same] of commonPairs(before.map(withoutComma), after.map(withoutComma))) {
    changed(old, same);
    lines.push(`  ${after[j++]}`);
    i++;
  }
  changed(before.length, after.length);
  return lines;
}

function withoutComma(line: string): string {
  return line.replace(/,$/, "");
}
