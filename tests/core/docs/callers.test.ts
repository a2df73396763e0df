/** docs/callers.md against the code: kinds of findings, settings, commands, times and limits, and the places that it links to. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { operatorCommands } from "../../../packages/aws/src/operator-commands.ts";
import type { CallerArn } from "../../../packages/core/src/arn.ts";
import { MOST_REMOVALS } from "../../../packages/core/src/callers/contest.ts";
import { READING_PAUSE_MS } from "../../../packages/core/src/callers/known-account.ts";
import { OWN_POLICY } from "../../../packages/core/src/callers/own-policy.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";
import { defaults, MODES } from "../../../stacks/settings.ts";

const DOCS = new URL("../../../docs/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, DOCS), "utf8");
const PAGE = read("callers.md");
const LINES = new Set(PAGE.split("\n"));

/** As GitHub makes it of a heading. */
function anchorsIn(page: string): ReadonlySet<string> {
  return new Set(
    [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe("the page on callers", () => {
  test("lists every kind of finding about callers, with the severity that the runbook has first", () => {
    const runbook = read("runbook.md");
    const kinds = FINDING_KINDS.filter((kind) => kind.startsWith("caller"));
    for (const kind of kinds) {
      const [, severity = ""] = new RegExp(`^### ${kind}\n\n(\\w+)`, "m").exec(runbook) ?? [];
      expect(PAGE).toContain(`| [${kind}](runbook.md#${kind}) | ${severity.toLowerCase()} |`);
    }
    expect(PAGE.match(/^\| \[callers?-/gm)).toHaveLength(kinds.length);
  });

  test("has each mode, the default settings, and the limits of the code", () => {
    for (const mode of MODES) expect(PAGE).toMatch(new RegExp(`^\\| .*\`${mode}\`.* \\|`, "m"));
    const { mode, writesPerHour } = defaults.callers;
    expect(PAGE).toContain(`\`callers: { mode: "${mode}", writesPerHour: ${writesPerHour} }\``);
    expect(PAGE).toContain(`inline policy \`${OWN_POLICY}\``);
    expect([READING_PAUSE_MS, MOST_REMOVALS]).toEqual([10 * 60_000, 3]);
    expect(PAGE).toContain("once in ten minutes");
    expect(PAGE).toContain("three times within a day");
  });

  test("has the commands of alerts, for the latest entry", () => {
    const commands = operatorCommands({ table: "TABLE", region: "REGION" });
    const caller = "arn:aws:iam::111122223333:role/App" as CallerArn;
    const shown = [commands.rollback({ caller, id: "ENTRY" }), commands.history(caller), commands.resume(caller)];
    for (const command of shown) {
      expect(LINES).toContain(command.replace(caller, "ARN").replace(" --entry ENTRY", ""));
    }
  });

  test("links to pages and places that are there", () => {
    for (const [, link = ""] of PAGE.matchAll(/\]\(((?!https?:)[^)]+)\)/g)) {
      const [path = "", anchor] = link.split("#");
      if (anchor === undefined) expect(() => readFileSync(new URL(path, DOCS)), link).not.toThrow(/ENOENT/);
      else expect(anchorsIn(path || "callers.md"), link).toContain(anchor);
    }
  });
});
