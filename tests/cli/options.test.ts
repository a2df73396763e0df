import { expect, test } from "vitest";
import { cli } from "./run-cli.ts";
import { KEY } from "./samples.ts";

const KEY_ID = KEY.split("/")[1] ?? "";
const ROLE = "arn:aws:iam::111122223333:role/Shop";

test.each([
  [["--help"], "bedrock-key-guard COMMAND [options]"],
  [["help"], "bedrock-key-guard COMMAND [options]"],
  [["help", "check"], "bedrock-key-guard check --key-policy FILE"],
  [["check", "--help"], "bedrock-key-guard check --key-policy FILE"],
  [["history", "--help"], "bedrock-key-guard history ARN --table NAME"],
  [["rollback", "--help"], "bedrock-key-guard rollback ARN --table NAME"],
  [["help", "pause"], "bedrock-key-guard pause [ARN] --table NAME --reason TEXT"],
  [["resume", "no-key", "-h"], "bedrock-key-guard resume [ARN] --table NAME"],
  [["callers", "--help"], "bedrock-key-guard callers --authorization-details FILE"],
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
  expect(await named("check")).toEqual(["--agent", "--json", "--key", "--key-policy", "--profile", "--write"]);
  expect(await named("callers")).toEqual(["--agent", "--authorization-details", "--json", "--key", "--key-policy"]);
  expect(await named("simulate")).toEqual([
    "--boundary",
    "--cases",
    "--identity-policy",
    "--json",
    "--policy",
    "--request",
  ]);
  expect(await named("history")).toEqual(["--diff", "--json", "--limit", "--region", "--table"]);
  expect(await named("rollback")).toEqual(["--entry", "--json", "--reason", "--region", "--table", "--yes"]);
  expect(await named("pause")).toEqual(["--json", "--reason", "--region", "--table", "--yes"]);
  expect(await named("resume")).toEqual(["--json", "--region", "--table", "--yes"]);
  for (const option of ["--agent", "--json", "--key", "--key-policy", "--profile", "--write", foreign]) {
    const { err } = await cli(["check", ...(option === "--json" ? [] : [`${option}=x`])]);
    expect(err.includes("there is no option")).toBe(option === foreign);
  }
});

test.each([
  [[], "there is no command"],
  [["chekc"], "there is no command `chekc`; did you mean `check`?"],
  [["frobnicate"], "there is no command `frobnicate`; see `bedrock-key-guard --help`"],
  [["rolback"], "there is no command `rolback`; did you mean `rollback`?"],
  [["__proto__"], "there is no command `__proto__`; see"],
  [["check"], "`check` needs `--key-policy`; see `bedrock-key-guard check --help`"],
  [["check", "--key-policy", "x"], "`check` needs `--agent`"],
  [["callers", "--agent", "x"], "`callers` needs `--authorization-details`; see `bedrock-key-guard callers --help`"],
  [["callers", "--authorization-details", "x", "--agent", "y"], "`callers` needs `--key-policy`"],
  [["callers", "--authorization-details", "x", "--key-policy", "y"], "`callers` needs `--agent`"],
  [
    ["callers", "--authorization-detail", "x"],
    "there is no option `--authorization-detail`; did you mean `--authorization-details`?",
  ],
  [["check", "--key-polcy", "x"], "there is no option `--key-polcy`; did you mean `--key-policy`?"],
  [["check", "--frobnicate"], "there is no option `--frobnicate`; see `bedrock-key-guard check --help`"],
  [["check", "-x"], "there is no option `-x`; see"],
  [["check", "--no-json"], "there is no option `--no-json`; see"],
  [["check", "--agent"], "`--agent` needs a value"],
  [["check", "--agent", "--json"], "`--agent` needs a value, and `--json` is an option"],
  [["check", "--json=yes"], "`--json` takes no value"],
  [["check", "file.json"], "`file.json` belongs to no option"],
  [["check", "--profile", "documented", "--profile", "documented"], "`--profile` is given twice; give it once"],
  [
    ["check", "--key-policy", "a", "--agent", "b", "--profile", "newest"],
    "there is no profile `newest`; give `documented` or `by-creation-date`",
  ],
  [
    ["check", "--key-policy", "a", "--agent", "b", "--profile", "by-creation-dat"],
    "there is no profile `by-creation-dat`; did you mean `by-creation-date`?",
  ],
  [["check", "--key-policy", "a", "--agent", "b", "--profile", "toString"], "there is no profile `toString`; give"],
  [["check", "--key", "a", "--key", "b"], "`--key` is given twice; give it once"],
  [["check", "--key-policy", "-", "--agent", "-"], "the standard input (`-`) is given twice"],
  [["check", "--key-policy", "a", "--agent", "b", "--write", "-"], "`--write` takes a file"],
  [["simulate"], "`simulate` needs `--request`"],
  [["simulate", "--cases", "a", "--policy", "b"], "`--cases` and `--policy` exclude each other"],
  [["simulate", "--key-policy", "a"], "there is no option `--key-policy`"],
  [["history"], "`history` needs the ARN of a key, role or user; see `bedrock-key-guard history --help`"],
  [["rollback", "--table", "t"], "`rollback` needs the ARN of a key, role or user"],
  [["history", "alias/shop"], "`alias/shop` is not a key's ARN; `aws kms describe-key --key-id alias/shop "],
  [["pause", KEY_ID, "--reason", "x"], `\`${KEY_ID}\` is not a key's ARN; \`aws kms describe-key --key-id ${KEY_ID} `],
  [["resume", "x; rm -rf"], "`x; rm -rf` is not a key's ARN; `aws kms describe-key --key-id KEY "],
  [
    ["history", `arn:aws:kms:eu-west-1:111122223333:alias/shop`],
    "`arn:aws:kms:eu-west-1:111122223333:alias/shop` is not",
  ],
  [["history", KEY, KEY], `\`${KEY}\` belongs to no option`],
  [["history", KEY], "`history` needs `--table`, the name of the guard's table (an output of its deployment)"],
  [["rollback", KEY], "`rollback` needs `--table`"],
  [
    ["rollback", KEY, "--table", "t", "--region", "us-east-1"],
    "`--region` is `us-east-1`, and the key is in `eu-west-1`",
  ],
  [["rollback", ROLE, "--table", "t"], "`rollback` of a role or user needs `--region`, or AWS_REGION"],
  [["history", ROLE, "--table", "t"], "`history` of a role or user needs `--region`, or AWS_REGION"],
  [["resume", `${ROLE}:x y`], "`arn:aws:iam::111122223333:role/Shop:x y` is not"],
  [
    ["history", "arn:aws:sts::111122223333:assumed-role/Shop/session-1"],
    "`arn:aws:sts::111122223333:assumed-role/Shop/session-1` is the ARN of a session; `aws iam get-role --role-name Shop --query Role.Arn --output text` prints its role's",
  ],
  [["pause", KEY, "--table", "t"], "`pause` needs `--reason`: people read it in alerts"],
  [["pause", "--table", "t", "--reason", "x"], "`pause` without a key needs `--region`, or AWS_REGION"],
  [["resume", "--table", "t", "--region", "Ireland"], "`Ireland` is not a Region; give one such as `eu-west-1`"],
  [
    ["resume", KEY, "--table", "t", "--region", "us-east-1"],
    "`--region` is `us-east-1`, and the key is in `eu-west-1`",
  ],
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
