import { expect, test } from "vitest";
import { cli } from "./run-cli.ts";

test.each([
  [["--help"], "bedrock-key-guard COMMAND [options]"],
  [["help"], "bedrock-key-guard COMMAND [options]"],
  [["help", "check"], "bedrock-key-guard check --key-policy FILE"],
  [["check", "--help"], "bedrock-key-guard check --key-policy FILE"],
  [["simulate", "-h"], "bedrock-key-guard simulate --policy FILE"],
])("%j says how it is used", async (args, start) => {
  const ended = await cli(args);
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(ended.out.startsWith(start)).toBe(true);
  expect(Math.max(...ended.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
});

test("the help of each command names every option that it takes, and no other", async () => {
  const named = async (command: string) => {
    const { out } = await cli([command, "--help"]);
    return [...new Set(out.match(/(?<=^| )--[a-z-]+/gm))].sort();
  };
  const foreign = "--agent-id";
  expect(await named("check")).toEqual(["--agent", "--json", "--key", "--key-policy", "--write"]);
  expect(await named("simulate")).toEqual([
    "--boundary",
    "--cases",
    "--identity-policy",
    "--json",
    "--policy",
    "--request",
  ]);
  for (const option of ["--agent", "--json", "--key", "--key-policy", "--write", foreign]) {
    const { err } = await cli(["check", ...(option === "--json" ? [] : [`${option}=x`])]);
    expect(err.includes("there is no option")).toBe(option === foreign);
  }
});

test.each([
  [[], "there is no command"],
  [["chekc"], "there is no command `chekc`; did you mean `check`?"],
  [["rollback"], "there is no command `rollback`; see `bedrock-key-guard --help`"],
  [["__proto__"], "there is no command `__proto__`; see"],
  [["check"], "`check` needs `--key-policy`; see `bedrock-key-guard check --help`"],
  [["check", "--key-policy", "x"], "`check` needs `--agent`"],
  [["check", "--key-polcy", "x"], "there is no option `--key-polcy`; did you mean `--key-policy`?"],
  [["check", "--frobnicate"], "there is no option `--frobnicate`; see `bedrock-key-guard check --help`"],
  [["check", "-x"], "there is no option `-x`; see"],
  [["check", "--no-json"], "there is no option `--no-json`; see"],
  [["check", "--agent"], "`--agent` needs a value"],
  [["check", "--agent", "--json"], "`--agent` needs a value, and `--json` is an option"],
  [["check", "--json=yes"], "`--json` takes no value"],
  [["check", "file.json"], "`file.json` belongs to no option"],
  [["check", "--key", "a", "--key", "b"], "`--key` is given twice; give it once"],
  [["check", "--key-policy", "-", "--agent", "-"], "the standard input (`-`) is given twice"],
  [["check", "--key-policy", "a", "--agent", "b", "--write", "-"], "`--write` takes a file"],
  [["simulate"], "`simulate` needs `--request`"],
  [["simulate", "--cases", "a", "--policy", "b"], "`--cases` and `--policy` exclude each other"],
  [["simulate", "--key-policy", "a"], "there is no option `--key-policy`"],
])("%j is refused with the way out", async (args, error) => {
  const ended = await cli(args);
  expect([ended.code, ended.out]).toEqual([2, ""]);
  expect(ended.err.startsWith(`error: ${error}`)).toBe(true);
});

test("a request without a policy to ask, or with two, is refused", async () => {
  const asks = { principal: "*", action: "kms:Decrypt", resource: "arn:aws:kms:eu-west-1:111122223333:key/x" };
  const alone = await cli(["simulate", "--request", "-"], JSON.stringify(asks));
  expect([alone.code, alone.err]).toEqual([
    2,
    "error: there is no policy to ask: give `--policy`, `--identity-policy` or both\n",
  ]);
});
