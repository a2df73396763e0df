/** Many agents on one key: each is judged on the few statements that can matter for it, and as on the whole policy. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeKey } from "../../../packages/core/src/key/judge.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { type PolicyDocument, parsePolicy, type Statement } from "../../../packages/core/src/policy/document.ts";
import { relevantPart } from "../../../packages/core/src/policy/prepared.ts";
import { type Request, type Requester, value } from "../../../packages/core/src/policy/request.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { anyPolicy, type PolicyJson } from "../laws/policies.ts";
import { partlyKnownRequest } from "../laws/requests.ts";
import { ACCOUNT, AGENT_KEY, agentOf, BEDROCK, FACTS, KEY, ROLES } from "../laws/universe.ts";

const OTHERS: readonly Requester[] = [
  {
    kind: "session",
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/OtherBot/s1`,
    account: ACCOUNT,
    roleName: "OtherBot",
    sessionName: "s1",
  },
  { kind: "federated", arn: `arn:aws:sts::${ACCOUNT}:federated-user/Ana`, account: ACCOUNT },
  { kind: "anonymous" },
];

describe("the part of a policy that can matter for a request", () => {
  test("decides as the whole policy does, by the same statements", () => {
    let left = 0;
    let all = 0;
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, (json, request) => {
        const { policy, whole, again } = askedTwice(json, request);
        left += relevantPart(policy, request).statements.length;
        all += policy.statements.length;
        expect(again).toEqual(whole);
      }),
      { numRuns: 6000 },
    );
    // Otherwise nothing was left out, and this test has shown nothing.
    expect(left).toBeLessThan(0.8 * all);
  });

  test("decides as the whole policy does for whoever else may ask", () => {
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, fc.constantFrom(...OTHERS), (json, asked, principal) => {
        const { whole, again } = askedTwice(json, { ...asked, principal });
        expect(again).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, object, readonly string[]]>([
    [
      "a list with a policy variable, which may stand for the value",
      { Condition: ofContext(["x", "${aws:username}"]) },
      ["y"],
    ],
    ["a statement that is not understood", { Condition: ofContext(["x"]), Unless: "y" }, ["y"]],
    ["a key with several values, which no list of texts is compared with", { Condition: ofContext(["x"]) }, ["y", "z"]],
  ])("keeps %s", (_what, elements, values) => {
    const policy = read({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*", ...elements }],
    });
    const keys = new Map([
      [AGENT_KEY.toLowerCase(), value(...values)],
      ["aws:username", value("y")],
    ]);
    const principal: Requester = { kind: "service", name: BEDROCK };
    const request: Request = { principal, action: "kms:Decrypt", resource: KEY, context: { keys, others: "absent" } };
    expect(relevantPart(policy, request).statements).toEqual(policy.statements);
    expect(decide(policy, request).kind).not.toBe("not-allowed");
  });

  const AGENTS = Array.from({ length: 540 }, (_, i) => agentOf(`AGENT${String(i).padStart(5, "0")}`, ROLES[i % 3]));
  const session = (agents: string | readonly string[]) => ({
    Effect: "Allow" as const,
    Principal: { Service: BEDROCK },
    Action: ["kms:GenerateDataKey", "kms:Decrypt"],
    Resource: "*",
    Condition: { StringEquals: { [AGENT_KEY]: agents } },
  });

  test("is one statement of one agent, where each agent has a statement", () => {
    const policy = read({ Statement: AGENTS.slice(0, 100).map(({ arn }) => session(arn)) });
    expect(relevantPart(policy, decryptFor(77)).statements.map(({ index }) => index)).toEqual([77]);
  });

  test("is a list of one agent, where one statement lists all agents", () => {
    const policy = read({ Statement: [session(AGENTS.map(({ arn }) => arn))] });
    const part = relevantPart(policy, decryptFor(77));
    expect(part.statements[0]?.conditions[0]?.values).toEqual([AGENTS[77]?.arn]);
  });

  test("is a list of one role, where one statement lists all roles", () => {
    const roles = AGENTS.map((_, i) => `arn:aws:iam::${ACCOUNT}:role/Agent${i}`);
    const policy = read({
      Statement: [{ Effect: "Allow", Principal: { AWS: roles }, Action: "kms:*", Resource: "*" }],
    });
    const principal: Requester = { kind: "role", arn: roles[77] ?? "", account: ACCOUNT };
    const part = relevantPart(policy, { ...decryptFor(0), principal });
    expect(part.statements[0]?.principal?.members).toEqual([{ kind: "aws", value: roles[77] }]);
    expect(relevantPart(policy, decryptFor(0)).statements).toEqual([]);
  });

  test("does not show in a verdict: its statements are those of the policy, whole", () => {
    const policy = read({ Statement: [session(AGENTS.map(({ arn }) => arn))] });
    const by = judgeKey(policy, FACTS, AGENTS, profile("documented")).flatMap(({ verdict }) =>
      verdict.kind === "met" ? verdict.by : [],
    );
    expect(by).toHaveLength(540);
    expect(new Set<Statement>(by)).toEqual(new Set(policy.statements));
    expect(by[0]).toBe(policy.statements[0]);
  });

  function decryptFor(index: number): Request {
    const keys = new Map([[AGENT_KEY.toLowerCase(), value(AGENTS[index]?.arn ?? "")]]);
    return {
      principal: { kind: "service", name: BEDROCK },
      action: "kms:Decrypt",
      resource: KEY,
      context: { keys, others: "unknown" },
    };
  }
});

function ofContext(values: readonly string[]) {
  return { StringEquals: { [AGENT_KEY]: values } };
}

/** The first question is put to the whole policy, the second to what matters of it. */
function askedTwice(json: PolicyJson, request: Request) {
  const policy = read(json);
  return { policy, whole: decide(policy, request), again: decide(policy, request) };
}

function read(json: PolicyJson): PolicyDocument {
  const parsed = parsePolicy(JSON.stringify(json));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}
