/** Keys whose policy the guard may not change, or that no agent can use; each told as a problem of its own. */
import { describe, expect, test } from "vitest";
import { type AccountId, accountId, keyArn } from "../../../packages/core/src/arn.ts";
import { keyOfAnotherRegion, unsuitable } from "../../../packages/core/src/key/suitable.ts";
import type { Key } from "../../../packages/core/src/ports.ts";
import { ACCOUNT, agentOf, KEY, OTHER_ACCOUNT, ROLES } from "../laws/universe.ts";

const AGENTS = ["AGENT00001", "AGENT00002"].map((id) => agentOf(id, ROLES[0]));
const GOOD: Key = {
  arn: KEY,
  manager: "CUSTOMER",
  spec: "SYMMETRIC_DEFAULT",
  usage: "ENCRYPT_DECRYPT",
  state: "Enabled",
  origin: "AWS_KMS",
  deletionDate: undefined,
};
const account = (text: string): AccountId => sure(accountId(text));
const found = (changes: Partial<Key>) => unsuitable({ ...GOOD, ...changes }, account(ACCOUNT), AGENTS);

describe("a key", () => {
  test("is suitable as a symmetric, enabled, customer managed key of the account", () => {
    expect(found({})).toBeUndefined();
  });

  test.each<[string, Partial<Key>, string]>([
    ["that AWS manages", { manager: "AWS" }, "managed by AWS"],
    ["of another spec", { spec: "RSA_2048" }, "RSA_2048 for ENCRYPT_DECRYPT"],
    ["for another use", { usage: "GENERATE_VERIFY_MAC" }, "SYMMETRIC_DEFAULT for GENERATE_VERIFY_MAC"],
  ])("%s is told for all its agents, with the key to choose instead", (_what, changes, title) => {
    const finding = found(changes);
    expect(finding).toMatchObject({ kind: "key-unsuitable", severity: "high", key: KEY, agents: AGENTS.map(idOf) });
    expect(finding?.title).toContain(title);
    expect(finding?.detail).not.toBe("");
    expect(finding?.remedy.join()).toContain("customer managed key");
  });

  test("that is not enabled is told as such, once it is of the right kind", () => {
    expect(found({ state: "Disabled" })).toMatchObject({ kind: "key-unusable", agents: AGENTS.map(idOf) });
    expect(found({ state: "Disabled", manager: "AWS" })?.kind).toBe("key-unsuitable");
  });

  test("that is unsuitable in another way is another problem, told anew", () => {
    const findings = [found({ manager: "AWS" }), found({ spec: "RSA_2048" }), elsewhere(["eu-west-1"])];
    const ids = findings.map((finding) => finding?.id.split("|")[2]);
    expect(new Set([...ids, ""]).size).toBe(4);
  });

  test("of another account never comes as far as this", () => {
    expect(() => unsuitable(GOOD, account(OTHER_ACCOUNT), AGENTS)).toThrow("another account");
  });
});

describe("a key of another Region", () => {
  test("than all its agents' is told for all of them", () => {
    expect(elsewhere(["eu-west-1", "us-east-1"])).toMatchObject({
      kind: "key-unsuitable",
      severity: "high",
      key: EASTERN,
      agents: ["AGENT00001", "AGENT00002"],
      title: expect.stringContaining("agent AGENT00001, AGENT00002"),
      detail: expect.stringContaining("Region"),
      remedy: [expect.stringContaining("customer managed key")],
    });
  });

  test("than one agent's is told for that one alone", () => {
    expect(elsewhere(["eu-central-1", "eu-west-1"])?.agents).toEqual(["AGENT00002"]);
  });

  test("is none where all agents are in the key's own", () => {
    expect(elsewhere([])).toBeUndefined();
    expect(keyOfAnotherRegion(KEY, AGENTS)).toBeUndefined();
  });
});

const EASTERN = sure(keyArn(KEY.replace("eu-west-1", "eu-central-1")));

/** The finding for a key of eu-central-1 that has agents in these Regions, and one in its own. */
function elsewhere(regions: readonly string[]) {
  const at = (region: string, i: number) => {
    const agent = agentOf(`AGENT0000${i + 1}`, ROLES[0]);
    return { ...agent, arn: agent.arn.replace("eu-west-1", region) as typeof agent.arn };
  };
  return keyOfAnotherRegion(EASTERN, [...regions.map(at), at("eu-central-1", regions.length)]);
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this test names something that is not of its type");
  return value;
}
