/**
 * Two policies as lines of a diff, by statement: unchanged statements are left out, changed ones shown whole.
 * Lines start with `+ `, `- ` or two spaces.
 */
import { canonicalJson, type JsonObject } from "../policy/json.ts";

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

/** The longest common subsequence; a comma at the end of a line is no difference. */
function diffLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const same = (i: number, j: number) => before[i]?.replace(/,$/, "") === after[j]?.replace(/,$/, "");
  const width = after.length + 1;
  const length = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      length[i * width + j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && same(i, j)) {
      lines.push(`  ${after[j]}`);
      i++;
      j++;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${before[i++]}`);
    } else {
      lines.push(`+ ${after[j++]}`);
    }
  }
  return lines;
}
