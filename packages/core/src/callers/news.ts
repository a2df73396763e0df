/**
 * What is news of callers. A look at some agents sees a part of what a look at all sees: what was told is remembered by
 * what each finding is about, one agent on one key, so that the part is not news after the whole.
 */
import { digest, type Finding } from "../finding/finding.ts";
import { finding } from "../finding/findings.ts";

export interface CallerFinding extends Finding {
  /** What of it would be news by itself, each by a short name. */
  readonly about: readonly string[];
  /** The remedy as an owner's tooling writes it: too long to be told for each of many callers. */
  readonly snippets: readonly string[];
}

/** @param about - texts that tell what of it would be news by itself */
export function callerFinding(
  parts: Parameters<typeof finding>[0],
  about: readonly string[],
  snippets: readonly string[] = [],
): CallerFinding {
  const names = new Set(about.map((text) => digest(text).slice(0, SHORT)));
  return { ...finding(parts), about: [...names].sort(), snippets };
}

/** A thousand callers' needs are to fit into one item of the table. */
const SHORT = 10;

/** The findings with something in them that was not told. */
export function newsAmong(findings: readonly CallerFinding[], told: readonly string[]): readonly CallerFinding[] {
  const known = read(told);
  return findings.filter((one) => {
    const of = known.get(headOf(one));
    return !of || one.about.some((name) => !of.has(name));
  });
}

/**
 * What is told once these findings are.
 *
 * @param former - what was told before and still counts
 */
export function toldWith(findings: readonly CallerFinding[], former: readonly string[]): readonly string[] {
  const all = read(former);
  for (const one of findings) all.set(headOf(one), new Set([...(all.get(headOf(one)) ?? []), ...one.about]));
  return [...all].map(([head, names]) => `${head}|${[...names].sort().join(",")}`).sort();
}

function headOf({ kind, caller }: Finding): string {
  return `${kind}|${caller ?? "account"}`;
}

function read(told: readonly string[]): Map<string, ReadonlySet<string>> {
  return new Map(
    told.map((one) => {
      const end = one.lastIndexOf("|");
      return [one.slice(0, end), new Set(one.slice(end + 1).split(","))];
    }),
  );
}
