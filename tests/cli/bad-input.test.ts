import { afterAll, describe, expect, test } from "vitest";
import { ACTS_ON_TERMINALS, cli, newFolder } from "./run-cli.ts";
import { describeKey, documented, getAgent, KEY, policy, request } from "./samples.ts";

const files = newFolder();
afterAll(() => files.remove());

const POLICY = files.put("policy.json", documented("AGENT00001"));
const AGENT = files.put("agent.json", getAgent("AGENT00001"));
const REQUEST = files.put("request.json", request());
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const withText = (value: object, from: string, to: string) => JSON.stringify(value).replace(from, to);

/** One error line, exit code 2, and nothing that a program's user can't use. */
async function refused(args: readonly string[], stdin?: string): Promise<string> {
  const ended = await cli(args, stdin);
  expect(ended.err).toMatch(/^error: /);
  expect(ended.err).not.toMatch(/^\s+at |node:|\.ts:\d/m);
  expect([ended.code, ended.out]).toEqual([2, ""]);
  return ended.err;
}

const SIMULATE = (file: string) => ["simulate", "--policy", POLICY, "--request", file];
const CHECK = (file: string) => ["check", "--key-policy", POLICY, "--agent", file];

/** What no file may be, whatever it is for. */
const RUBBISH: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ["empty", "", /it is empty; give JSON/],
  ["white space", " \n\t ", /it is empty; give JSON/],
  ["not JSON", "{'a': 1}", /it is not JSON: .*position 1/],
  ["cut off", '{"agent": {', /it is not JSON/],
  ["a list", "[]", /it is `\[\]`; give/],
  ["null", "null", /it is `null`; give/],
  ["a text", '"hello"', /it is `"hello"`; give/],
  ["nested deeply", nested(100), /nested deeper than 64/],
  ["nested very deeply", "[".repeat(100_000) + "]".repeat(100_000), /nested deeper than 64/],
  ["10 MB", `{"a": "${"x".repeat(10_000_000)}"}`, /more than 1048576 bytes/],
  ["a member twice", '{"a": 1, "a": 2}', /the member `a` twice/],
  ["a prototype", '{"__proto__": {"agent": 1}}', /`__proto__` is no name for a member/],
  ["a prototype inside", '{"x": [{"__proto__": 1}]}', /`x\[0\]\.__proto__` is no name for a member/],
  ["half a character", '{"x": "\\ud83d"}', /`x` holds half a character: "\\ud83d"/],
  ["half a character in a name", '{"\\ude00": 1}', /it holds half a character: "\\ude00"/],
  ["not UTF-8", new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]), /is not UTF-8 text/],
  ["UTF-16", Buffer.from("\ufeff{}", "utf16le"), /is not UTF-8 text/],
];

describe.each([
  ["--request", SIMULATE],
  ["--agent", CHECK],
])("a file for `%s`", (_, args) => {
  test.each(RUBBISH)("that is or holds %s is refused by its name", async (_is, content, reason) => {
    const file = files.put("rubbish.json", content);
    const error = await refused(args(file));
    expect(error).toMatch(reason);
    expect(error.startsWith(`error: \`${file}\``)).toBe(true);
  });

  test("that is missing, or a directory, is refused by its name", async () => {
    expect(await refused(args(files.path("missing.json")))).toContain("missing.json`: there is no such file");
    expect(await refused(args(files.path(".")))).toContain("it is a directory; give a file");
  });
});

test.each([
  [
    "no principal",
    withText(request(), "principal", "principle"),
    /`principle` is no member of it; did you mean `principal`\?/,
  ],
  ["a principal that is nobody", request({ principal: "zoe" }), /`principal` is `"zoe"`; give the ARN/],
  ["a list of principals", request({ principal: ["*"] }), /`principal` is `\["\*"\]`/],
  ["no action", request({ action: undefined }), /`action` is missing; give an action such as `kms:Decrypt`/],
  ["a pattern for an action", request({ action: "kms:*" }), /`action` is `"kms:\*"`/],
  [
    "an alias's name for a resource",
    request({ resource: "alias/main" }),
    /`resource` is `"alias\/main"`; give the resource's ARN/,
  ],
  ["a context that is a list", request({ context: [] }), /`context` is `\[\]`/],
  [
    "an object for a value",
    request({ context: { "aws:SourceIp": { a: 1 } } }),
    /`context\.aws:SourceIp` is `\{"a":1\}`/,
  ],
  [
    "a key both known and unknown",
    request({ context: { "aws:SourceIp": "::1" }, unknown: ["aws:sourceip"] }),
    /`unknown` says something of `aws:sourceip` once more/,
  ],
  ["an unknown that is no list", request({ unknown: "aws:SourceIp" }), /`unknown` is `"aws:SourceIp"`; give a list/],
  ["an unknown of numbers", request({ unknown: [1] }), /`unknown\[0\]` is `1`/],
  ["a case without its request", { policy: policy(), request: null }, /`request` is missing/],
  ["a case with a misspelt member", { request: request(), identityPolicy: [] }, /`identityPolicy`/],
])("a request with %s is refused with the place", async (_, content, reason) => {
  const file = files.put("bad-request.json", content);
  // A case with a policy of its own does not need one beside it.
  const error = await refused(["simulate", "--request", file, "--identity-policy", POLICY]);
  expect(error).toMatch(reason);
  expect(error).toContain("bad-request.json`: ");
});

test.each([
  ["no ARN", getAgent("AGENT00001", { agentArn: undefined }), /`agent\.agentArn` is missing/],
  ["another's id", getAgent("AGENT00001", { agentId: "AGENT00002" }), /`agent\.agentId` is not the id in `agentArn`/],
  ["an ARN of something else", getAgent("AGENT00001", { agentArn: KEY }), /`agent\.agentArn` is `"arn:aws:kms/],
  [
    "an alias for a key",
    getAgent("AGENT00001", { customerEncryptionKeyArn: "alias/main" }),
    /`agent\.customerEncryptionKeyArn` is `"alias\/main"`/,
  ],
  ["a number for a role", getAgent("AGENT00001", { agentResourceRoleArn: 7 }), /`agent\.agentResourceRoleArn` is `7`/],
  [
    "an unknown status",
    getAgent("AGENT00001", { agentStatus: "DREAMING" }),
    /`agent\.agentStatus` is `"DREAMING"`; give one of/,
  ],
  ["no date", getAgent("AGENT00001", { createdAt: "soon" }), /`agent\.createdAt` is `"soon"`/],
  [
    "no key",
    getAgent("AGENT00001", { customerEncryptionKeyArn: null }),
    /has no `customerEncryptionKeyArn`: .*give that one with --key/,
  ],
  ["a list inside", { agent: [] }, /`agent` is `\[\]`/],
])("an agent with %s is refused with the place", async (_, content, reason) => {
  const error = await refused(CHECK(files.put("bad-agent.json", content)));
  expect(error).toMatch(reason);
  expect(error).toContain("bad-agent.json`: ");
});

test.each([
  ["no Statement", { Version: "2012-10-17" }, /no policy that can be understood: it has no Statement/],
  ["another Effect", policy({ Effect: "allow" }), /statement 1 has the Effect/],
  ["another Version", { Version: "2020-01-01", Statement: [] }, /its Version is/],
  ["a wrapped text that is no JSON", { Policy: "{" }, /`Policy`: it is not JSON/],
  ["a number that would change", '{"Statement": [], "Id": 12345678901234567890}', /the number `12345678901234567890`/],
])("a policy with %s is refused with the place", async (_, content, reason) => {
  const file = files.put("bad-policy.json", content);
  expect(await refused(["simulate", "--policy", file, "--request", REQUEST])).toMatch(reason);
  expect(await refused(["check", "--key-policy", file, "--agent", AGENT])).toMatch(reason);
});

test("a key of another shape is refused with the place", async () => {
  const args = (content: object) => [...CHECK(AGENT), "--key", files.put("bad-key.json", content)];
  expect(await refused(args(describeKey({ Arn: "alias/main" })))).toMatch(/`KeyMetadata\.Arn` is `"alias\/main"`/);
  expect(await refused(args(describeKey({ KeyManager: "ME" })))).toMatch(/`KeyMetadata\.KeyManager` is `"ME"`/);
  expect(await refused(args(describeKey({ KeySpec: 3 })))).toMatch(/`KeyMetadata\.KeySpec` is `3`/);
});

test("agents that do not share one key, account and Region are refused, and one that is given twice", async () => {
  const otherKey = files.put(
    "b.json",
    getAgent("AGENT00002", { customerEncryptionKeyArn: KEY.replace("0a1b", "ffff") }),
  );
  const otherRegion = files.put(
    "c.json",
    getAgent("AGENT00003", { agentArn: getAgent("AGENT00003").agent.agentArn.replace("eu-west-1", "us-east-1") }),
  );
  expect(await refused([...CHECK(AGENT), "--agent", otherKey])).toMatch(
    /b\.json`: agent `AGENT00002` uses the key .*ffff/,
  );
  expect(await refused([...CHECK(AGENT), "--agent", otherRegion])).toMatch(
    /c\.json`: .*Region us-east-1.*Region eu-west-1/,
  );
  expect(await refused([...CHECK(AGENT), "--agent", AGENT])).toMatch(/is in .*agent\.json` too/);
});

test("a bad case is named by its line, and has an answer of its own", async () => {
  const good = JSON.stringify({ policy: documented("AGENT00001"), request: request() });
  const lines = [
    good,
    "not json",
    '{"request": {}}',
    `{"a": "${"x".repeat(10_000_000)}"}`,
    '{"request": {"principal": "\\ud800"}}',
    `{"policy": ${nested(100)}}`,
    '{"__proto__": 1}',
    '{"policy": "hello", "request": {}}',
    good,
  ];
  const ended = await cli(["simulate", "--cases", files.put("cases.jsonl", lines.join("\n"))]);
  expect(ended.code).toBe(2);
  const told = ended.err.trimEnd().split("\n");
  expect(told.map((line) => / line (\d+): /.exec(line)?.[1])).toEqual(["2", "3", "4", "5", "6", "7", "8"]);
  expect(told[1]).toMatch(/^error: `.*cases\.jsonl` line 3: `request\.principal` is missing; give/);
  const answers = ended.out
    .trimEnd()
    .split("\n")
    .map((line) => Object.keys(JSON.parse(line))[0]);
  expect(answers).toEqual(["decision", ...Array(7).fill("error"), "decision"]);
});

test("an empty file of cases is refused", async () => {
  expect(await refused(["simulate", "--cases", files.put("none.jsonl", "\n\n")])).toMatch(/none\.jsonl`: it is empty/);
});

test("a file that can't be written is refused", async () => {
  expect(await refused([...CHECK(AGENT), "--write", files.path(".")])).toMatch(/can't be written: .*give another file/);
});

test("what an error quotes can't act on a terminal", async () => {
  const error = await refused(SIMULATE(files.put("hostile.json", request({ principal: "\u001b[2J\u202e" }))));
  expect(error).not.toMatch(ACTS_ON_TERMINALS);
});
