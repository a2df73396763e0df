import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { operatorCommands } from "../../packages/aws/src/operator-commands.ts";
import { sampleCaller, sampleKey } from "./samples.ts";

const key = sampleKey();
const id = "2026-11-02T10:00:02.000Z-0123456789ab";

describe("the commands that an alert names", () => {
  const commands = operatorCommands({ table: "guard-prod-State", region: "eu-west-1" });

  test("undo a write", () => {
    expect(commands.rollback({ key, id })).toBe(
      `npx bedrock-key-guard rollback ${key} --entry ${id} --table guard-prod-State`,
    );
  });

  test("show what was written to a key", () => {
    expect(commands.history(key)).toBe(`npx bedrock-key-guard history ${key} --table guard-prod-State`);
  });

  test("lift the hold on a key", () => {
    expect(commands.resumeKey(key)).toBe(`npx bedrock-key-guard resume ${key} --table guard-prod-State`);
  });

  test("let the guard as a whole go on, in its Region", () => {
    expect(commands.resumeGuard()).toBe("npx bedrock-key-guard resume --table guard-prod-State --region eu-west-1");
  });

  test("do the same for a caller, and name the Region, which no role or user has", () => {
    const caller = sampleCaller();
    const where = "--table guard-prod-State --region eu-west-1";
    expect(commands.rollback({ caller, id })).toBe(`npx bedrock-key-guard rollback ${caller} --entry ${id} ${where}`);
    expect(commands.history(caller)).toBe(`npx bedrock-key-guard history ${caller} ${where}`);
    expect(commands.resume(caller)).toBe(`npx bedrock-key-guard resume ${caller} ${where}`);
  });

  test("quote a caller's name, which may hold more than a shell's plain characters", () => {
    const caller = sampleCaller("role/a=b$(id)'/App");
    expect(wordsOf(commands.resume(caller))).toContain(caller);
  });

  test("run nothing that a name holds", () => {
    expect(operatorCommands({ table: "it's $(id)", region: "" }).resumeGuard()).toBe(
      "npx bedrock-key-guard resume --table 'it'\\''s $(id)' --region ''",
    );
  });

  test("are the same words to a shell, whatever is in them", () => {
    const text = fc.string({ unit: "binary", maxLength: 12 }).filter((one) => !one.includes("\0"));
    fc.assert(
      fc.property(text, text, text, (table, region, entry) => {
        const made = operatorCommands({ table, region });
        expect(wordsOf(`${made.resumeGuard()}\n${made.rollback({ key, id: entry })}`)).toEqual([
          ...["bedrock-key-guard", "resume", "--table", table, "--region", region],
          ...["bedrock-key-guard", "rollback", key, "--entry", entry, "--table", table],
        ]);
      }),
      { numRuns: 30 },
    );
  });
});

/** What a POSIX shell makes of commands: `npx` is a function here that prints the words it was given. */
function wordsOf(commands: string): readonly string[] {
  const printed = execFileSync("sh", ["-c", `npx() { printf '%s\\0' "$@"; }\n${commands}`], { encoding: "utf8" });
  return printed.split("\0").slice(0, -1);
}
