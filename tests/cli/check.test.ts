import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { ACTS_ON_TERMINALS, cli, newFolder } from "./run-cli.ts";
import {
  ACCOUNT,
  ADMIN,
  agentArn,
  DENY_DECRYPT,
  describeKey,
  documented,
  getAgent,
  KEY,
  policy,
  ROLE,
} from "./samples.ts";

const files = newFolder();
afterAll(() => files.remove());

const AGENT = files.put("agent.json", getAgent("AGENT00001"));
const SECOND = files.put("second.json", getAgent("AGENT00002"));
const DOCUMENTED = files.put("documented.json", documented("AGENT00001"));
const DEFAULT = files.put("default.json", policy(ADMIN));
const BLOCKED = files.put("blocked.json", {
  ...documented("AGENT00001"),
  Statement: [...documented("AGENT00001").Statement, DENY_DECRYPT],
});

interface Report {
  readonly compliant: boolean;
  readonly notes: readonly string[];
  readonly verdicts: readonly { readonly requirement: string; readonly verdict: string; readonly subject?: string }[];
  readonly findings: readonly { readonly kind: string }[];
  readonly broader: readonly object[];
  readonly warnings: readonly object[];
  readonly plan: { readonly kind: string; readonly diff?: readonly string[] };
  readonly policy: { readonly Statement: readonly unknown[] } | null;
}

async function report(code: number, ...args: readonly string[]): Promise<Report> {
  const ended = await cli(["check", ...args, "--json"]);
  expect([ended.code, ended.err]).toEqual([code, ""]);
  return JSON.parse(ended.out) as Report;
}

const verdicts = ({ verdicts }: Report) => verdicts.map(({ requirement, verdict }) => `${requirement} ${verdict}`);

describe("a policy that AWS documents", () => {
  test("is compliant, with each requirement met by its statement", async () => {
    const found = await report(0, "--key-policy", DOCUMENTED, "--agent", AGENT);
    expect(found).toMatchObject({
      compliant: true,
      findings: [],
      plan: { kind: "nothing" },
      policy: documented("AGENT00001"),
    });
    expect(found.verdicts).toMatchObject([
      { requirement: "key-admin", verdict: "met", because: [ADMIN] },
      {
        requirement: "service-sessions",
        verdict: "met",
        subject: agentArn("AGENT00001"),
        because: [{ Sid: "Sessions" }],
      },
      { requirement: "role-sessions", verdict: "met", subject: ROLE, because: [{ Sid: "Role" }] },
      { requirement: "service-grants", verdict: "met", because: [{ Sid: "Grants" }] },
    ]);
  });

  test("says so to a person", async () => {
    const ended = await cli([
      "check",
      "--key-policy",
      DOCUMENTED,
      "--agent",
      AGENT,
      "--key",
      files.put("key.json", describeKey()),
    ]);
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(ended.out).toContain('service-sessions  met      agent/AGENT00001\n      by statement 2 "Sessions"\n');
    expect(ended.out).toMatch(/\nPlan\n {2}nothing to add\n\nResult: compliant\n$/);
  });
});

describe("a policy that lacks something", () => {
  test("is told with the verdicts, the diff and the patched policy, which is compliant", async () => {
    const found = await report(1, "--key-policy", DEFAULT, "--agent", AGENT);
    expect(verdicts(found)).toEqual([
      "key-admin met",
      "service-sessions missing",
      "role-sessions missing",
      "service-grants missing",
    ]);
    expect(found).toMatchObject({ compliant: false, findings: [], plan: { kind: "patch" } });
    expect(found.plan.diff).toContain(`+       "${ROLE}"`);
    expect(found.policy?.Statement).toHaveLength(4);
    const patched = files.put("patched.json", found.policy);
    expect(await report(0, "--key-policy", patched, "--agent", AGENT)).toMatchObject({ plan: { kind: "nothing" } });
  });

  test("is told to a person in the same words", async () => {
    const ended = await cli(["check", "--key-policy", DEFAULT, "--agent", AGENT]);
    expect([ended.code, ended.err]).toEqual([1, ""]);
    expect(ended.out).toContain(
      "role-sessions     missing  role/service-role/AgentRole\n      no statement allows kms:GenerateDataKey,",
    );
    expect(ended.out).toContain('statement 1 "Enable IAM User Permissions" leaves it to IAM policies');
    expect(ended.out).toContain('  +   "Sid": "BedrockKeyGuardServiceSessions",');
    expect(ended.out).toMatch(/\nPatched policy .*\n\n\{\n {2}"Version"/);
    expect(ended.out).toMatch(/\nResult: not compliant: 3 missing\n$/);
    expect(Math.max(...ended.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test("is stored patched by `--write`, also over itself, and once more changes nothing", async () => {
    const file = files.put("own.json", policy(ADMIN));
    const ended = await cli(["check", "--key-policy", file, "--agent", AGENT, "--write", file]);
    expect([ended.code, ended.err]).toEqual([1, ""]);
    expect(ended.out).toContain(`--policy-name default --policy file://${file}\n`);
    const stored = readFileSync(file, "utf8");
    expect(JSON.parse(stored).Statement).toHaveLength(4);
    expect((await cli(["check", "--key-policy", file, "--agent", AGENT, "--write", file])).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(stored);
  });

  test("is judged for all agents that are given", async () => {
    const found = await report(1, "--key-policy", DOCUMENTED, "--agent", AGENT, "--agent", SECOND);
    expect(verdicts(found)).toEqual([
      "key-admin met",
      "service-sessions met",
      "service-sessions missing",
      "role-sessions met",
      "service-grants met",
    ]);
    expect(found.policy?.Statement).toHaveLength(5);
  });
});

describe("what a person has to decide", () => {
  test("a Deny is a finding with its statement, and nothing is added beside it", async () => {
    const found = await report(1, "--key-policy", BLOCKED, "--agent", AGENT);
    expect(verdicts(found)).toEqual([
      "key-admin blocked",
      "service-sessions blocked",
      "role-sessions blocked",
      "service-grants met",
    ]);
    expect(found.plan).toEqual({ kind: "nothing" });
    expect(found.findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "blocked-by-deny", evidence: [JSON.stringify(DENY_DECRYPT, null, 2)] }),
      ]),
    );
    const ended = await cli(["check", "--key-policy", BLOCKED, "--agent", AGENT]);
    expect(ended.out).toContain("nothing that the guard would add: the rest is for a person to decide");
    expect(ended.out).toMatch(/Finding \(high\): an explicit Deny stops the agents/);
  });

  test("a condition that can't be decided is named", async () => {
    const deny = { ...DENY_DECRYPT, Condition: { StringNotEquals: { "aws:SourceVpc": "vpc-1" } } };
    const file = files.put("vpc.json", {
      ...documented("AGENT00001"),
      Statement: [...documented("AGENT00001").Statement, deny],
    });
    const found = await report(1, "--key-policy", file, "--agent", AGENT);
    expect(found.verdicts[1]).toMatchObject({ verdict: "depends", dependsOn: ["aws:SourceVpc"], because: [deny] });
  });

  test.each([
    ["disabled", describeKey({ KeyState: "Disabled" }), "key-unusable"],
    ["asymmetric", describeKey({ KeySpec: "RSA_2048" }), "key-unsuitable"],
    ["managed by AWS", describeKey({ KeyManager: "AWS" }), "key-unsuitable"],
  ])("a key that is %s gets no plan", async (_, key, kind) => {
    const found = await report(1, "--key-policy", DEFAULT, "--agent", AGENT, "--key", files.put("key.json", key));
    expect(found).toMatchObject({ plan: { kind: "withheld" }, policy: null, findings: [{ kind }] });
  });

  test.each([
    ["account", KEY.replace(ACCOUNT, "444455556666"), "key-of-another-account"],
    ["Region", KEY.replace("eu-west-1", "us-east-1"), "key-unsuitable"],
  ])("a key of another %s gets no plan", async (_, arn, kind) => {
    const agent = files.put("elsewhere.json", getAgent("AGENT00001", { customerEncryptionKeyArn: arn }));
    const found = await report(1, "--key-policy", DEFAULT, "--agent", agent);
    expect(found.plan.kind).toBe("withheld");
    expect(found.findings).toContainEqual(expect.objectContaining({ kind }));
  });

  test("a role of another account, and an agent without one, are findings", async () => {
    const foreign = files.put(
      "foreign.json",
      getAgent("AGENT00001", { agentResourceRoleArn: ROLE.replace(ACCOUNT, "444455556666") }),
    );
    const none = files.put("none.json", getAgent("AGENT00002", { agentResourceRoleArn: undefined }));
    const found = await report(1, "--key-policy", DEFAULT, "--agent", foreign, "--agent", none);
    expect(found.findings.map(({ kind }) => kind)).toEqual(["role-unknown", "role-unknown"]);
    expect(JSON.stringify(found.policy)).not.toContain("444455556666");
  });

  test("a deleted principal, and a statement of the guard's that someone edited, are findings", async () => {
    const orphan = files.put(
      "orphan.json",
      policy(ADMIN, { ...DENY_DECRYPT, Effect: "Allow", Principal: { AWS: "AROAABCDEFGHIJKLMNOPQ" } }),
    );
    const orphaned = await report(1, "--key-policy", orphan, "--agent", AGENT);
    expect(orphaned.findings).toContainEqual(expect.objectContaining({ kind: "orphaned-principal" }));
    const edited = files.put(
      "edited.json",
      policy(ADMIN, { ...DENY_DECRYPT, Sid: "BedrockKeyGuardRoleSessions", Effect: "Allow", Principal: { AWS: ROLE } }),
    );
    const ended = await cli(["check", "--key-policy", edited, "--agent", AGENT, "--write", files.path("never.json")]);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain("never.json` was not written");
    expect(() => readFileSync(files.path("never.json"))).toThrow("ENOENT");
  });

  test("a policy that the addition would make too long for KMS is a finding", async () => {
    const long = Array.from({ length: 112 }, (_, i) => ({
      ...DENY_DECRYPT,
      Sid: `Filler${i}${"x".repeat(200)}`,
      Action: "kms:Sign",
    }));
    const file = files.put("long.json", policy(ADMIN, ...long));
    const found = await report(1, "--key-policy", file, "--agent", AGENT);
    expect(found.plan.kind).toBe("too-long");
    expect(found.findings).toContainEqual(expect.objectContaining({ kind: "policy-full" }));
  });
});

describe("beside the verdicts", () => {
  test("what is broader than documented is told with its statement and a call that it lets through", async () => {
    const open = {
      Sid: "AnyAgent",
      Effect: "Allow",
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: "kms:Decrypt",
      Resource: "*",
    };
    const { Statement } = documented("AGENT00001");
    const file = files.put("broader.json", policy(...Statement, open));
    const found = await report(1, "--key-policy", file, "--agent", AGENT);
    expect(found).toMatchObject({ compliant: false, findings: [], plan: { kind: "nothing" } });
    expect(found.broader).toContainEqual(
      expect.objectContaining({
        statement: open,
        example: { principal: "bedrock.amazonaws.com", action: "kms:Decrypt" },
      }),
    );
    const ended = await cli(["check", "--key-policy", file, "--agent", AGENT]);
    expect(ended.out).toMatch(/\nBroader than documented .*\n {2}statement 5 "AnyAgent": it lets /);
    expect(ended.out).toMatch(/\nResult: not compliant: \d+ broader than documented\n$/);
  });

  test("what KMS would say to the patched policy is a warning, and no finding", async () => {
    const inert = { Sid: "Inert", Effect: "Allow", Principal: "*", Action: "kms:Decrypt" };
    const { Statement } = documented("AGENT00001");
    const file = files.put("inert.json", policy(...Statement, inert));
    const found = await report(0, "--key-policy", file, "--agent", AGENT);
    expect(found.warnings).toMatchObject([{ kind: "no-effect", refused: false, place: "statement 5 (`Inert`)" }]);
    const ended = await cli(["check", "--key-policy", file, "--agent", AGENT]);
    expect(ended.out).toMatch(/\nWarnings about the policy\n {2}statement 5 \(`Inert`\): .*\n {6}add /);
  });

  test("a policy in which nothing is missing is stored as it was given, byte by byte", async () => {
    const text = `${JSON.stringify(documented("AGENT00001"))}\n\n`;
    const to = files.path("same.json");
    const args = ["check", "--key-policy", files.put("given.json", text), "--agent", AGENT, "--write", to];
    expect(await cli(args)).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(to, "utf8")).toBe(text);
  });
});

describe("the files", () => {
  test("may be the agent without its wrapping, and the policy in that of `aws kms get-key-policy`", async () => {
    const bare = files.put("bare.json", {
      agentArn: agentArn("AGENT00001"),
      agentVersion: "DRAFT",
      agentResourceRoleArn: ROLE,
      customerEncryptionKeyArn: KEY,
    });
    const wrapped = files.put("wrapped.json", {
      PolicyName: "default",
      Policy: JSON.stringify(documented("AGENT00001"), null, 2),
    });
    expect(await report(0, "--key-policy", wrapped, "--agent", bare)).toMatchObject({ compliant: true });
  });

  test("may come from the standard input, one of them", async () => {
    const ended = await cli(["check", "--key-policy", "-", "--agent", AGENT], readFileSync(DOCUMENTED));
    expect([ended.code, ended.err]).toEqual([0, ""]);
  });

  test("say what is taken for granted", async () => {
    const keyless = files.put("keyless.json", getAgent("AGENT00001", { customerEncryptionKeyArn: undefined }));
    const key = files.put("key.json", describeKey());
    const { notes } = await report(0, "--key-policy", DOCUMENTED, "--agent", keyless, "--key", key);
    expect(notes).toEqual([
      "whether the roles exist was not asked of IAM",
      "agent AGENT00001 has no customer managed key: it is judged as if it used this one",
    ]);
    expect((await report(0, "--key-policy", DOCUMENTED, "--agent", AGENT)).notes[1]).toMatch(
      /^the key is taken for an enabled/,
    );
  });
});

test("text that would act on a terminal does not reach it, neither in words nor in JSON", async () => {
  const hostile = "\u001b[2J\u009b31m\u202eevil\u2028";
  const agent = files.put("hostile-agent.json", getAgent("AGENT00001", { agentName: hostile }));
  const file = files.path("hostile.json");
  writeFileSync(file, JSON.stringify(policy(ADMIN, { ...DENY_DECRYPT, Sid: hostile, [hostile]: 1 })));
  for (const extra of [[], ["--json"]]) {
    const ended = await cli(["check", "--key-policy", file, "--agent", agent, ...extra]);
    expect([ended.code, ended.err]).toEqual([1, ""]);
    expect(ended.out).toContain("evil");
    expect(ended.out).not.toMatch(ACTS_ON_TERMINALS);
  }
});
