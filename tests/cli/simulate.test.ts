import { afterAll, describe, expect, test } from "vitest";
import { cli, newFolder } from "./run-cli.ts";
import { ACCOUNT, ADMIN, DENY_DECRYPT, policy, ROLE, request } from "./samples.ts";

const files = newFolder();
afterAll(() => files.remove());

const ALLOW_ROLE = { Effect: "Allow", Principal: { AWS: ROLE }, Action: "kms:Decrypt", Resource: "*" };
const FROM_HOME = { ...ALLOW_ROLE, Condition: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } } };
const IDENTITY = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "kms:Decrypt", Resource: "*" } };
const OTHER_BOUNDARY = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "s3:*", Resource: "*" } };

const keyPolicy = files.put("policy.json", policy(ADMIN));
const roleAsks = files.put("request.json", request());
const identity = files.put("identity.json", IDENTITY);

async function answer(args: readonly string[], stdin?: string): Promise<unknown> {
  const ended = await cli(["simulate", ...args], stdin);
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(ended.out.split("\n")).toHaveLength(2);
  return JSON.parse(ended.out);
}

describe("one request", () => {
  test("is answered with the decision, the statements as they stand in the policy, and the keys it depends on", async () => {
    const file = files.put("home.json", policy(ADMIN, FROM_HOME));
    expect(await answer(["--policy", file, "--request", files.put("open.json", request({ unknown: "*" }))])).toEqual({
      decision: "depends",
      because: [FROM_HOME],
      dependsOn: ["aws:SourceIp"],
    });
  });

  test("finds a key that it does not name to be absent", async () => {
    const file = files.put("home.json", policy(FROM_HOME));
    expect(await answer(["--policy", file, "--request", roleAsks])).toMatchObject({ decision: "not-allowed" });
  });

  test.each([
    ["known", { context: { "aws:SourceIp": "192.0.2.7" } }, "allowed"],
    ["known in a list of one", { context: { "AWS:sourceip": ["192.0.2.7"] } }, "allowed"],
    ["elsewhere", { context: { "aws:SourceIp": "198.51.100.7" } }, "not-allowed"],
    ["unknown by name", { unknown: ["aws:sourceIP"] }, "depends"],
    ["absent by name, with all others unknown", { unknown: "*", absent: ["aws:SourceIp"] }, "not-allowed"],
  ])("with the key %s", async (_, change, decision) => {
    const file = files.put("home.json", policy(FROM_HOME));
    const asks = files.put("asks.json", request(change));
    expect(await answer(["--policy", file, "--request", asks])).toMatchObject({ decision });
  });

  test("takes identity policies and a boundary from files of their own", async () => {
    const boundary = files.put("boundary.json", OTHER_BOUNDARY);
    const ask = ["--policy", keyPolicy, "--request", roleAsks];
    expect(await answer(ask)).toMatchObject({ decision: "not-allowed" });
    expect(await answer([...ask, "--identity-policy", identity])).toMatchObject({
      decision: "allowed",
      because: expect.arrayContaining([IDENTITY.Statement]),
    });
    const deny = files.put("deny.json", policy({ Effect: "Deny", Action: "kms:*", Resource: "*" }));
    expect(await answer([...ask, "--identity-policy", identity, "--identity-policy", deny])).toMatchObject({
      decision: "denied",
    });
    expect(await answer([...ask, "--identity-policy", identity, "--boundary", boundary])).toMatchObject({
      decision: "not-allowed",
    });
  });

  test("is asked of identity policies alone where there is no key policy", async () => {
    expect(await answer(["--identity-policy", identity, "--request", roleAsks])).toMatchObject({ decision: "allowed" });
  });

  test("may be a whole case, and come from the standard input", async () => {
    const whole = { policy: policy(ALLOW_ROLE), identityPolicies: [], boundary: null, request: request() };
    expect(await answer(["--request", "-"], JSON.stringify(whole))).toEqual({
      decision: "allowed",
      because: [ALLOW_ROLE],
      dependsOn: [],
    });
  });

  test("is asked of the policy that `aws kms get-key-policy` wraps in its answer", async () => {
    const wrapped = { Policy: JSON.stringify(policy(ALLOW_ROLE)), PolicyName: "default" };
    expect(await answer(["--policy", files.put("wrapped.json", wrapped), "--request", roleAsks])).toMatchObject({
      decision: "allowed",
    });
  });

  test.each([
    ["a service", "bedrock.amazonaws.com", { Service: "bedrock.amazonaws.com" }],
    ["nobody in particular", "*", "*"],
    ["the root user", `arn:aws:iam::${ACCOUNT}:root`, { AWS: ACCOUNT }],
    ["a user", `arn:aws:iam::${ACCOUNT}:user/zoe`, { AWS: `arn:aws:iam::${ACCOUNT}:user/zoe` }],
    ["a session of a role", `arn:aws:sts::${ACCOUNT}:assumed-role/R/s`, { AWS: `arn:aws:iam::${ACCOUNT}:role/R` }],
  ])("may be asked by %s", async (_, principal, Principal) => {
    const file = files.put("named.json", policy({ ...ALLOW_ROLE, Principal }));
    const asks = files.put("asks.json", request({ principal }));
    expect(await answer(["--policy", file, "--request", asks, "--json"])).toMatchObject({ decision: "allowed" });
  });
});

describe("cases", () => {
  const allowed = JSON.stringify({ policy: policy(ALLOW_ROLE), request: request() });
  const denied = JSON.stringify({ policy: policy(ALLOW_ROLE, DENY_DECRYPT), request: request(), name: "mine" });

  test("are answered one a line, in their order; empty lines are none, and the last one needs no line feed", async () => {
    const ended = await cli(["simulate", "--cases", files.put("cases.jsonl", `${allowed}\r\n\n${denied}\n${allowed}`)]);
    expect([ended.code, ended.err]).toEqual([0, ""]);
    const answers = ended.out.trimEnd().split("\n");
    expect(answers.map((line) => JSON.parse(line))).toEqual([
      { decision: "allowed", because: [ALLOW_ROLE], dependsOn: [] },
      { decision: "denied", because: [DENY_DECRYPT], dependsOn: [] },
      { decision: "allowed", because: [ALLOW_ROLE], dependsOn: [] },
    ]);
  });

  test("come from the standard input too, and a bad one keeps no other from being answered", async () => {
    const ended = await cli(["simulate", "--cases", "-"], [allowed, "{", denied].join("\n"));
    expect(ended.code).toBe(2);
    expect(ended.err).toMatch(/^error: the standard input line 2: it is not JSON/);
    const answers = ended.out.trimEnd().split("\n");
    expect(answers.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ decision: "allowed" }),
      { error: expect.stringContaining("it is not JSON") },
      expect.objectContaining({ decision: "denied" }),
    ]);
  });

  test("may be more than fit into one reading", async () => {
    const many = 3000;
    const ended = await cli(["simulate", "--cases", "-"], `${allowed}\n`.repeat(many));
    expect(ended.code).toBe(0);
    expect(ended.out).toBe(`${ended.out.split("\n")[0]}\n`.repeat(many));
  });
});
