/** docs/safety.md against the tests that it names: each promise has one, and each of them is there. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { defaults } from "../../../stacks/settings.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const PAGE = read("docs/safety.md");
const PROMISES = (PAGE.split("\n## Promises")[1] ?? "").split("\n").filter((line) => line.startsWith("| "));
const rows = PROMISES.slice(1).map((line) => line.slice(2, -2).split(" | "));

interface Shown {
  readonly file: string;
  readonly name: string;
}

function shownBy(cell: string): readonly Shown[] {
  return cell.split("<br>").map((span) => {
    const [, file = "", name = ""] = /^`(tests\/\S+\.ts) > ([^`]+)`$/.exec(span) ?? [];
    if (!name) throw new Error(`\`${span}\` is not of the form \`tests/FILE.ts > NAME\``);
    return { file, name };
  });
}

describe("the page on safety", () => {
  test("has a promise, how it is kept and what shows it in each row", () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) expect(row, row.join(" | ")).toHaveLength(3);
    const promises = rows.map(([promise]) => promise);
    expect(new Set(promises).size).toBe(promises.length);
  });

  test.each(rows.map(([promise = "", , cell = ""]) => [promise, shownBy(cell)] as const))("%s", (_promise, all) => {
    for (const { file, name } of all) {
      expect(existsSync(new URL(file, ROOT)), file).toBe(true);
      expect(namesIn(file), `${file} has no test of this name`).toContain(JSON.stringify(name));
    }
  });

  test("names rules that a test reads, where a file is no test itself", () => {
    const files = new Set(rows.flatMap(([, , cell = ""]) => shownBy(cell)).map(({ file }) => file));
    for (const file of files) if (!file.endsWith(".test.ts")) expect(readersOf(file), file).toBe(true);
  });

  test("gives the Denies of the roles, the default budgets and modes, and the name of the tag", () => {
    const permissions = read("stacks/key-permissions.ts");
    const denies = [...permissions.matchAll(/Sid: "(Never\w+)"/g)].map(([, sid = ""]) => sid);
    expect(denies).toHaveLength(3);
    const ofCallers = [...read("stacks/caller-permissions.ts").matchAll(/Sid: "(Never\w+)"/g)].map(
      ([, sid = ""]) => sid,
    );
    expect(ofCallers).toHaveLength(4);
    for (const sid of [...denies, ...ofCallers]) expect(PAGE).toContain(`| \`${sid}\` |`);
    const { keyPerHour, accountPerHour } = defaults.writeBudgets;
    expect(PAGE).toContain(`${keyPerHour} writes a key and ${accountPerHour} an account`);
    expect(PAGE).toContain(`tag \`${defaults.tags.mode}\``);
    expect(PAGE).toContain(`default is \`${defaults.callers.mode}\``);
  });

  test("links to pages and places that are there", () => {
    for (const [, link = ""] of PAGE.matchAll(/\]\(((?!https?:)[^)]+)\)/g)) {
      const [path = "", anchor] = link.split("#");
      const text = readTarget(new URL(path, new URL("docs/safety.md", ROOT)));
      if (anchor === undefined) continue;
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
      expect(anchors).toContain(anchor);
    }
  });
});

/** What stands before a name: of a test, of one of many, of a row of many, of a rule. */
const BEFORE_A_NAME = [/(?:^|\W)(?:test|it|describe)(?:\.\w+)*\($/, /\)\($/, /^\[$/, /^says:$/];
/** The simulation's rules are members of an object. */
const BEFORE_AN_INVARIANT = [/:$/];

/** The names, as literals, that a file gives to tests and to rules; what is skipped, or only planned, is none of them. */
function namesIn(file: string): readonly string[] {
  const places = file.startsWith("tests/chaos/") ? BEFORE_AN_INVARIANT : BEFORE_A_NAME;
  const literals = read(file).matchAll(/(\S*)\s*("(?:[^"\\\n]|\\.)*")/g);
  return [...literals].flatMap(([, before = "", literal = ""]) => {
    const isName = places.some((pattern) => pattern.test(before)) && !/\.(skip|todo|fails)\b/.test(before);
    return isName ? [literal] : [];
  });
}

/** Whether a test beside it imports it, itself or through a neighbour. */
function readersOf(file: string): boolean {
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  const name = file.slice(folder.length);
  const tests: Readonly<Record<string, string>> = { "tests/stacks/": "rules.test.ts", "tests/chaos/": "chaos.test.ts" };
  const reader = read(`${folder}${tests[folder]}`);
  const neighbours = [...reader.matchAll(/from "\.\/([\w-]+\.ts)"/g)].map(([, neighbour = ""]) => neighbour);
  return (
    neighbours.includes(name) || neighbours.some((neighbour) => read(`${folder}${neighbour}`).includes(`"./${name}"`))
  );
}

function readTarget(url: URL): string {
  return url.pathname.endsWith(".md") || url.pathname.endsWith(".ts")
    ? readFileSync(url, "utf8")
    : existsSync(url)
      ? ""
      : expect.fail(`${url.pathname} is not there`);
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
