/** `check` of agents with numbered versions and with memory, and by profile. */
import { afterAll, describe, expect, test } from "vitest";
import { cli, newFolder } from "./run-cli.ts";
import {
  ACCOUNT,
  ADMIN,
  agentArn,
  describeKey,
  documented,
  getAgent,
  getAgentVersion,
  KEY,
  MEMORY,
  policy,
  ROLE,
} from "./samples.ts";

const files = newFolder();
afterAll(() => files.remove());

const OTHER_KEY = KEY.replace("0a1b", "ffff");
const OTHER_ROLE = ROLE.replace("AgentRole", "OtherRole");
const DEFAULT = files.put("default.json", policy(ADMIN));
const DOCUMENTED = files.put("documented.json", documented("AGENT00001"));

interface Report {
  readonly notes: readonly string[];
  readonly profile: string;
  readonly verdicts: readonly { readonly requirement: string; readonly verdict: string; readonly subject?: string }[];
  readonly policy: { readonly Statement: readonly unknown[] } | null;
}

/** Each document stands in a file of its own. */
async function report(code: number, keyPolicy: string, documents: readonly object[], ...args: readonly string[]) {
  const ended = await cli(["check", "--key-policy", keyPolicy, ...agentArgs(documents), ...args, "--json"]);
  expect([ended.code, ended.err]).toEqual([code, ""]);
  return JSON.parse(ended.out) as Report;
}

let count = 0;
function agentArgs(documents: readonly object[]): readonly string[] {
  return documents.flatMap((document) => ["--agent", files.put(`${count++}.json`, document)]);
}

const said = ({ verdicts }: Report) => verdicts.map(({ requirement, verdict }) => `${requirement} ${verdict}`);

describe("a numbered version", () => {
  test("keeps its key and its role required, though the draft has moved on", async () => {
    const draft = getAgent("AGENT00001", { customerEncryptionKeyArn: OTHER_KEY, agentResourceRoleArn: OTHER_ROLE });
    const key = files.put("key.json", describeKey());
    const found = await report(0, DOCUMENTED, [draft, getAgentVersion("AGENT00001", "3")], "--key", key);
    expect(said(found)).toEqual(["key-admin met", "service-sessions met", "role-sessions met", "service-grants met"]);
    expect(found.verdicts[2]?.subject).toBe(ROLE);
    expect(found.notes).toContain(`agent AGENT00001 uses the key ${OTHER_KEY} too: it is to be checked by itself`);
  });

  test("may be the only one that names a key", async () => {
    const draft = getAgent("AGENT00001", { customerEncryptionKeyArn: undefined });
    const found = await report(0, DOCUMENTED, [getAgentVersion("AGENT00001", "1"), draft]);
    expect(found.notes.join()).not.toContain("no customer managed key");
  });

  test("brings its own role beside the draft's", async () => {
    const version = getAgentVersion("AGENT00001", "12", { agentResourceRoleArn: OTHER_ROLE });
    const found = await report(1, DOCUMENTED, [getAgent("AGENT00001"), version]);
    expect(found.verdicts.filter(({ requirement }) => requirement === "role-sessions")).toMatchObject([
      { subject: ROLE, verdict: "met" },
      { subject: OTHER_ROLE, verdict: "missing" },
    ]);
    expect(JSON.stringify(found.policy)).toContain(OTHER_ROLE);
  });

  test("is told to a person with what else of its agent is on the key", async () => {
    const documents = [getAgent("AGENT00001"), getAgentVersion("AGENT00001", "2"), getAgentVersion("AGENT00001", "7")];
    const ended = await cli(["check", "--key-policy", DOCUMENTED, ...agentArgs(documents)]);
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(ended.out).toContain("agents  AGENT00001 (agent-AGENT00001): DRAFT, version 2, version 7\n");
  });

  test("may be given without its wrapping", async () => {
    const { agentVersion } = getAgentVersion("AGENT00001", "2", { agentResourceRoleArn: OTHER_ROLE });
    const found = await report(1, DOCUMENTED, [getAgent("AGENT00001"), agentVersion]);
    expect(found.verdicts.filter(({ subject }) => subject === OTHER_ROLE)).toHaveLength(1);
  });

  test.each<[string, readonly object[], RegExp]>([
    [
      "without its agent",
      [getAgentVersion("AGENT00001", "2")],
      /version `2` of `arn:.*AGENT00001` is given without its agent; give what `get-agent` prints/,
    ],
    [
      "of another agent",
      [getAgent("AGENT00001"), getAgentVersion("AGENT00002", "2")],
      /version `2` of `arn:.*AGENT00002` is given without its agent/,
    ],
    [
      "twice",
      [getAgent("AGENT00001"), getAgentVersion("AGENT00001", "2"), getAgentVersion("AGENT00001", "2")],
      /version `2` of `arn:.*` is given twice; give each version once/,
    ],
    [
      "that is the draft",
      [getAgent("AGENT00001"), getAgentVersion("AGENT00001", "DRAFT")],
      /`agentVersion\.version` is `"DRAFT"`; give the number of a version; the draft is what `get-agent` prints/,
    ],
    [
      "without a number",
      [getAgent("AGENT00001"), { agentVersion: { agentArn: agentArn("AGENT00001") } }],
      /`agentVersion\.version` is missing/,
    ],
    [
      "with another's id",
      [getAgent("AGENT00001"), getAgentVersion("AGENT00001", "2", { agentId: "AGENT00002" })],
      /`agentVersion\.agentId` is not the id in `agentArn`; give a version as/,
    ],
    [
      "with an alias for a key",
      [getAgent("AGENT00001"), getAgentVersion("AGENT00001", "2", { customerEncryptionKeyArn: "alias/main" })],
      /`agentVersion\.customerEncryptionKeyArn` is `"alias\/main"`/,
    ],
  ])("%s is refused with the way out", async (_, documents, reason) => {
    const ended = await cli(["check", "--key-policy", DOCUMENTED, ...agentArgs(documents)]);
    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.err).toMatch(/^error: `.*\.json`: /);
    expect(ended.err).toMatch(reason);
  });
});

describe("an agent's memory", () => {
  test("is added with the rest, and compliant then", async () => {
    const agent = getAgent("AGENT00001", MEMORY);
    const found = await report(1, DOCUMENTED, [agent]);
    expect(said(found)).toContain("service-memory missing");
    expect(found.policy?.Statement.at(-1)).toEqual({
      Sid: "BedrockKeyGuardServiceMemory",
      Effect: "Allow",
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
      Resource: "*",
      Condition: {
        StringEquals: { "aws:SourceAccount": ACCOUNT },
        ArnLike: { "aws:SourceArn": [`arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent-alias/AGENT00001/*`] },
      },
    });
    expect(said(await report(0, files.put("patched.json", found.policy), [agent]))).toContain("service-memory met");
  });

  test("of a version is asked for too", async () => {
    const found = await report(1, DOCUMENTED, [getAgent("AGENT00001"), getAgentVersion("AGENT00001", "1", MEMORY)]);
    expect(said(found)).toContain("service-memory missing");
  });
});

describe("the profile", () => {
  const newer = getAgent("AGENT00001", { createdAt: "2025-01-22T00:00:00+00:00" });

  test("is the documented one, or by creation date if so asked", async () => {
    const usual = await report(1, DEFAULT, [newer]);
    expect([usual.profile, said(usual).length]).toEqual(["documented", 4]);
    const byDate = await report(1, DEFAULT, [newer], "--profile", "by-creation-date");
    expect([byDate.profile, said(byDate)]).toEqual(["by-creation-date", ["key-admin met", "service-sessions missing"]]);
    expect(byDate.policy?.Statement).toHaveLength(2);
  });

  test("by creation date asks an older agent for all", async () => {
    const found = await report(1, DEFAULT, [getAgent("AGENT00001")], "--profile", "by-creation-date");
    expect(said(found)).toHaveLength(4);
  });

  test("is told to a person", async () => {
    const ended = await cli(["check", "--key-policy", DOCUMENTED, ...agentArgs([newer]), "--profile=by-creation-date"]);
    expect(ended.out).toMatch(/\nasked {3}what AWS documents .*\n?.*\(profile by-creation-date\)\n/);
  });
});
