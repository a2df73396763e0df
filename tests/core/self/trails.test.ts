/**
 * The golden cases of CloudTrail's trails, `tests/cases/self`: a file a topic, a case a rule. A trail is given by what differs from
 * a healthy one: of all Regions, logging, with all management events.
 */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Trail } from "../../../packages/core/src/self/ports.ts";
import { judgeTrails, SOURCES, type Source } from "../../../packages/core/src/self/trails.ts";

interface Case {
  readonly rule: string;
  readonly source: string;
  readonly given: {
    /** `eu-west-1` where absent. */
    readonly region?: string;
    /** `kms` and `bedrock` where absent. */
    readonly sources?: readonly string[];
    readonly trails: readonly Partial<Trail>[];
  };
  readonly expect: Expected;
}

/** Trails by their names: `trail-1` is the first. */
type Expected =
  | "complete"
  | { readonly "not-logging": readonly string[] }
  | { readonly missing: readonly string[]; readonly trails: readonly string[] }
  | { readonly unknown: string };

const FOLDER = new URL("../../cases/self/", import.meta.url);
const FILES = readdirSync(FOLDER);
const casesOf = (file: string) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Case[];
const REGION = "eu-west-1";
const ARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/";

function healthy(index: number): Trail {
  return {
    arn: `${ARN}trail-${index + 1}`,
    homeRegion: REGION,
    multiRegion: true,
    organization: false,
    logging: "yes",
    selectors: {
      kind: "basic",
      selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: [] }],
    },
  };
}

function judged({ region = REGION, sources = ["kms", "bedrock"], trails }: Case["given"]): Expected {
  const verdict = judgeTrails(
    trails.map((trail, index) => ({ ...healthy(index), ...trail })),
    region,
    SOURCES.filter((source) => sources.includes(source.split(".")[0] ?? "")),
  );
  const names = (all: readonly Trail[]) => all.map(({ arn }) => arn.replace(ARN, ""));
  switch (verdict.kind) {
    case "complete":
      return "complete";
    case "not-logging":
      return { "not-logging": names(verdict.stopped) };
    case "incomplete":
      return { missing: verdict.missing, trails: names(verdict.trails) };
    case "unknown":
      return { unknown: verdict.reason.replaceAll(ARN, "") };
    default:
      return verdict satisfies never;
  }
}

describe.each(FILES)("%s", (file) => {
  test.each(casesOf(file).map((one) => [one.rule, one] as const))("%s", (_, one) => {
    expect(judged(one.given)).toEqual(one.expect);
  });
});

test("each case has a rule of its own and a page of AWS that implies it, and there are 25 at least", () => {
  const all = FILES.flatMap(casesOf);
  expect(new Set(all.map(({ rule }) => rule)).size).toBe(all.length);
  for (const { source } of all) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  expect(all.length).toBeGreaterThanOrEqual(25);
});

const givenTrails = FILES.flatMap(casesOf).flatMap(({ given }) => given.trails);
const trails = fc
  .array(fc.constantFrom(...givenTrails), { maxLength: 4 })
  .map((all) => all.map((trail, index): Trail => ({ ...healthy(index), ...trail })));
const sources = fc.subarray([...SOURCES], { minLength: 1 });

describe("laws of the judgement", () => {
  test("one more trail never makes it worse", () => {
    fc.assert(
      fc.property(trails, sources, fc.constantFrom(...givenTrails), (former, asked, more) => {
        const before = judgeTrails(former, REGION, asked);
        const after = judgeTrails([...former, { ...healthy(9), ...more }], REGION, asked);
        if (before.kind === "complete") expect(after.kind).toBe("complete");
        if (after.kind === "not-logging") expect(before.kind).toBe("not-logging");
        if (before.kind === "incomplete" && after.kind === "incomplete") {
          expect(before.missing).toEqual(expect.arrayContaining([...after.missing]));
        }
      }),
    );
  });

  test("the order of the trails says nothing", () => {
    fc.assert(
      fc.property(trails, sources, (given, asked) => {
        const missingOf = (all: readonly Trail[]): readonly [string, readonly Source[]] => {
          const verdict = judgeTrails(all, REGION, asked);
          return [verdict.kind, verdict.kind === "incomplete" ? verdict.missing : []];
        };
        expect(missingOf(given.toReversed())).toEqual(missingOf(given));
      }),
    );
  });
});
