import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AuthorizationAnswer, Caller } from "../../../packages/local/src/contract.ts";
import { authorize, type BoundedAuthorization } from "../../../packages/local/src/evaluator/authorize.ts";

type Statement = Record<string, unknown>;

/** A decision, and the rule that it follows from. The caller is a role unless the case says otherwise. */
interface Case {
  readonly rule: string;
  readonly expect: "allowed" | "denied" | "denied explicitly" | "throws";
  readonly caller?: { kind: "user"; arn: string; account: string } | { kind: "service"; name: string };
  readonly identity?: readonly Statement[];
  readonly resourcePolicy?: readonly Statement[];
  /** The caller's permissions boundary. */
  readonly boundary?: readonly Statement[];
  /** Stands for an identity policy that allows everything under this condition. */
  readonly condition?: Statement;
  readonly version?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly context?: Record<string, readonly string[]>;
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../../cases/naive-evaluator.json", import.meta.url), "utf8"),
);

const roleArn = "arn:aws:iam::111122223333:role/app/Worker";
const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";

function role(statements: readonly Statement[], version = "2012-10-17"): Caller {
  const policies = [{ source: "Worker/inline", document: { Version: version, Statement: statements } }];
  return { kind: "role", roleArn, sessionName: "session", account: "111122223333", policies };
}

function question(given: Case): BoundedAuthorization {
  const identity = given.condition
    ? [{ Effect: "Allow", Action: "*", Resource: "*", Condition: given.condition }]
    : (given.identity ?? []);
  const caller = given.caller?.kind === "user" ? { ...given.caller, policies: [] } : given.caller;
  return {
    caller: caller ?? role(identity, given.version),
    action: given.action ?? "bedrock:GetAgent",
    resource: given.resource ?? "arn:aws:bedrock:eu-west-1:111122223333:agent/AGENT00001",
    context: given.context ?? {},
    ...(given.resourcePolicy
      ? {
          resourcePolicy: { source: "policy", document: { Version: "2012-10-17", Statement: given.resourcePolicy } },
        }
      : {}),
    ...(given.boundary
      ? { boundary: { source: "boundary", document: { Version: "2012-10-17", Statement: given.boundary } } }
      : {}),
  };
}

function words(answer: AuthorizationAnswer): string {
  if (answer.kind === "allowed") return "allowed";
  return answer.explicit ? "denied explicitly" : "denied";
}

describe("the naive evaluator", () => {
  test.each(cases)("$rule", (given) => {
    if (given.expect === "throws") expect(() => authorize(question(given))).toThrow(/not known/);
    else expect(words(authorize(question(given)))).toBe(given.expect);
  });

  test("names the members of the statements that allowed, on both sides of a delegation", () => {
    const statement = {
      Effect: "Allow",
      Action: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:Get*"],
      Resource: ["arn:aws:kms:eu-west-1:111122223333:key/*", "arn:aws:sqs:*:*:*"],
    };
    const root = { Effect: "Allow", Principal: { AWS: "111122223333" }, Action: "kms:*", Resource: "*" };
    const answer = authorize({
      caller: role([{ Effect: "Deny", Action: "kms:Decrypt", Resource: "*" }, statement]),
      action: "kms:GetKeyPolicy",
      resource: keyArn,
      context: {},
      resourcePolicy: { source: keyArn, document: { Statement: [root] } },
    });
    const resource = "arn:aws:kms:eu-west-1:111122223333:key/*";
    const identity = { source: "Worker/inline", statementIndex: 1, effect: "Allow", resource };
    expect(answer).toEqual({
      kind: "allowed",
      by: [
        { ...identity, action: "kms:GetKeyPolicy" },
        { ...identity, action: "kms:Get*" },
        { source: keyArn, statementIndex: 0, effect: "Allow", action: "kms:*", resource: "*" },
      ],
    });
  });

  test("leaves the caller's own policy out where the key policy's naming it was enough", () => {
    const named = { Effect: "Allow", Principal: { AWS: roleArn }, Action: "kms:GetKeyPolicy", Resource: "*" };
    const answer = authorize({
      caller: role([{ Effect: "Allow", Action: "*", Resource: "*" }]),
      action: "kms:GetKeyPolicy",
      resource: keyArn,
      context: {},
      resourcePolicy: { source: keyArn, document: { Statement: [named] } },
    });
    expect(answer.by.map((use) => use.source)).toEqual([keyArn]);
  });

  test("names the Deny that decided, and says where it stands as AWS does", () => {
    const answer = authorize({
      caller: role([{ Effect: "Deny", Action: "kms:*", Resource: "*" }]),
      action: "kms:Decrypt",
      resource: keyArn,
      context: {},
    });
    expect(answer).toEqual({
      kind: "denied",
      explicit: true,
      by: [{ source: "Worker/inline", statementIndex: 0, effect: "Deny", action: "kms:*", resource: "*" }],
      message: `User: arn:aws:sts::111122223333:assumed-role/Worker/session is not authorized to perform: kms:Decrypt on resource: ${keyArn} with an explicit deny in an identity-based policy`,
    });
  });

  test("tells a missing key policy statement from a missing identity policy", () => {
    const ask = (principal: string) =>
      authorize({
        caller: role([]),
        action: "kms:GetKeyPolicy",
        resource: keyArn,
        context: {},
        resourcePolicy: {
          source: keyArn,
          document: {
            Statement: [{ Effect: "Allow", Principal: { AWS: principal }, Action: "kms:*", Resource: "*" }],
          },
        },
      });
    expect(ask("111122223333")).toHaveProperty("message", expect.stringContaining("no identity-based policy allows"));
    expect(ask("444455556666")).toHaveProperty("message", expect.stringContaining("no resource-based policy allows"));
  });

  test("decides on a pattern of many wildcards without taking long", () => {
    const pattern = `${"a*".repeat(200)}b`;
    const condition = { StringLike: { "x:k": pattern } };
    const started = performance.now();
    const answer = authorize({
      caller: role([{ Effect: "Allow", Action: "*", Resource: "*", Condition: condition }]),
      action: "bedrock:GetAgent",
      resource: "*",
      context: { "x:k": ["a".repeat(5000)] },
    });
    expect(answer.kind).toBe("denied");
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
