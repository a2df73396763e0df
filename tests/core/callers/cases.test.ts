/**
 * The golden cases of callers, `tests/cases/callers`: a file a topic, a case a rule. A case gives an account's policies in
 * short, and expects who is a caller, what is judged of it, and what is planned for it; who is not listed is no caller.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CallerPlan, Need, Withheld } from "../../../packages/core/src/callers/plan.ts";
import type { CallerReview } from "../../../packages/core/src/callers/review.ts";
import { type Given, KEY, reviewOf } from "./account.ts";

interface Case {
  readonly rule: string;
  readonly source: string;
  readonly given: Given;
  /** By `role/NAME` or `user/NAME`. */
  readonly expect: Readonly<Record<string, Expected>>;
}

interface Expected {
  /** By agent, or `AGENT KEY` for another key than the usual one: `able`, `perhaps able: KEY`, `depends: KEY KEY`, … */
  readonly verdicts?: Readonly<Record<string, string>>;
  readonly administrator?: true;
  /** `nothing`, `put +AGENT -AGENT`, `remove -AGENT`, `full !AGENT`, `withheld: WHY`; `!` for what does not fit. */
  readonly plan: string;
}

const FOLDER = new URL("../../cases/callers/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const casesOf = (file: string) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Case[];

describe.each(FILES)("%s", (file) => {
  test.each(casesOf(file).map((one) => [one.rule, one] as const))("%s", (_, given) => {
    const { callers } = reviewOf(given.given);
    expect(Object.fromEntries(callers.map((caller) => [nameOf(caller), inShort(caller)]))).toEqual(given.expect);
  });
});

test("each case has a rule of its own and a page of AWS that implies it, and there are 60 at least", () => {
  const all = FILES.flatMap(casesOf);
  expect(new Set(all.map(({ rule }) => rule)).size).toBe(all.length);
  for (const { source } of all) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  expect(all.length).toBeGreaterThanOrEqual(60);
});

function nameOf({ identity }: CallerReview): string {
  return `${identity.kind}/${identity.name}`;
}

function inShort({ administrator, judgements, plan }: CallerReview): Expected {
  const verdicts = judgements.map(({ agent, key, invocation, verdict }) => {
    const perhaps = invocation.kind === "perhaps" ? `perhaps(${invocation.on.join(" ")}) ` : "";
    return [short({ agent, key }), `${perhaps}${verdictInShort(verdict)}`] as const;
  });
  return {
    ...(verdicts.length > 0 ? { verdicts: Object.fromEntries(verdicts) } : {}),
    ...(administrator ? { administrator } : {}),
    plan: planInShort(plan),
  };
}

function short({ agent, key }: Need): string {
  const id = agent.split("/").at(-1) ?? "";
  return key === KEY ? id : `${id} ${key}`;
}

function verdictInShort(verdict: CallerReview["judgements"][number]["verdict"]): string {
  switch (verdict.kind) {
    case "able":
      return "able";
    case "lacks":
    case "stopped":
      return verdict.actions.length === 2 ? verdict.kind : `${verdict.kind}: ${verdict.actions.join(" ")}`;
    case "depends":
      return `depends: ${verdict.on.join(" ")}`;
    case "denied":
      return verdict.by.kind === "boundary"
        ? "denied by the boundary"
        : `denied by ${verdict.by.statements.map(({ origin, statement }) => `${origin.kind}#${statement.index}`).join(" ")}`;
    default:
      return verdict satisfies never;
  }
}

function planInShort(plan: CallerPlan): string {
  const all = (sign: string, needs: readonly Need[]) => needs.map((need) => ` ${sign}${short(need)}`).join("");
  switch (plan.kind) {
    case "nothing":
      return "nothing";
    case "put":
      return `put${all("+", plan.adds)}${all("-", plan.removes)}${all("!", plan.leftOut)}`;
    case "remove":
      return `remove${all("-", plan.removes)}${all("!", plan.leftOut)}`;
    case "full":
      return `full${all("!", plan.leftOut)}`;
    case "withheld":
      return `withheld: ${whyInShort(plan.why)}`;
    default:
      return plan satisfies never;
  }
}

function whyInShort(why: Withheld): string {
  return why.kind === "tagged" ? `tagged ${why.mode}` : why.kind;
}
