import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { bedrockAgents } from "../../packages/aws/src/bedrock-agents.ts";
import { bedrockAgentClient } from "../../packages/aws/src/clients.ts";
import { sampleAgentArn, sampleAgentId, sampleKey, sampleRole, sampleVersion } from "./samples.ts";
import { json, refusal, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
afterEach(() => wire.answer());

const agents = () => bedrockAgents(bedrockAgentClient(wire.environment));
const id = sampleAgentId();

const summary = (agentVersion: string | undefined) => ({
  agentName: "agent-1",
  agentStatus: "PREPARED",
  agentVersion,
  createdAt: "2026-11-01T10:00:00Z",
  updatedAt: "2026-11-01T10:00:00Z",
});
const page = (versions: readonly (string | undefined)[], nextToken?: string) =>
  json({ agentVersionSummaries: versions.map(summary), nextToken });

describe("the list of an agent's versions", () => {
  test("is that of all pages, without the draft", async () => {
    wire.answer(page(["DRAFT", "1"], "more"), page([], "still more"), page(["2", "12"]));
    expect(await agents().versions(id)).toEqual({ kind: "found", versions: ["1", "2", "12"] });
    expect(wire.requests.map(({ operation }) => operation)).toEqual(Array(3).fill(`POST /agents/${id}/agentversions/`));
    expect(wire.requests.map(({ body }) => JSON.parse(body).nextToken)).toEqual([undefined, "more", "still more"]);
  });

  test("is empty for an agent with a draft only", async () => {
    wire.answer(page(["DRAFT"]));
    expect(await agents().versions(id)).toEqual({ kind: "found", versions: [] });
  });

  test("names a version once, though two pages have it", async () => {
    wire.answer(page(["1", "2"], "more"), page(["2", "3"]));
    expect(await agents().versions(id)).toEqual({ kind: "found", versions: ["1", "2", "3"] });
  });

  test.each([
    ["no list", json({}), "no list of versions"],
    ["a version without a number", page([undefined]), "an unreadable version"],
    ["a version that is no number", page(["latest"]), "an unreadable version: `latest`"],
  ])("throws on %s, rather than taking it for fewer versions", async (_what, answer, text) => {
    wire.answer(answer);
    await expect(agents().versions(id)).rejects.toThrow(text);
  });

  test("throws when a later page fails, rather than giving the first ones", async () => {
    wire.answer(page(["1"], "more"), refusal("ValidationException"));
    await expect(agents().versions(id)).rejects.toMatchObject({
      name: "AwsCallError",
      action: "bedrock:ListAgentVersions",
      code: "ValidationException",
    });
  });

  test("is a refusal, or that there is no such agent", async () => {
    wire.answer(refusal("AccessDeniedException", 403));
    expect(await agents().versions(id)).toEqual({ kind: "denied", message: expect.any(String) });
    wire.answer(refusal("ResourceNotFoundException", 404));
    expect(await agents().versions(id)).toEqual({ kind: "not-found" });
  });
});

describe("a version of an agent", () => {
  const answer = {
    agentId: id,
    agentArn: sampleAgentArn(),
    agentName: "agent-1",
    version: "3",
    agentStatus: "PREPARED",
    agentResourceRoleArn: sampleRole(),
    customerEncryptionKeyArn: sampleKey(7),
    createdAt: "2026-11-01T10:00:00Z",
    updatedAt: "2026-11-01T10:00:00Z",
    idleSessionTTLInSeconds: 600,
  };

  test("has its own key and role", async () => {
    wire.answer(json({ agentVersion: answer }));
    expect(await agents().version(id, "3")).toEqual({ kind: "found", version: sampleVersion("3", sampleKey(7)) });
    expect(wire.requests[0]?.operation).toBe(`GET /agents/${id}/agentversions/3/`);
  });

  test("may have no customer key, and memory", async () => {
    const { customerEncryptionKeyArn: _, ...rest } = answer;
    const memoryConfiguration = { enabledMemoryTypes: ["SESSION_SUMMARY"] };
    wire.answer(json({ agentVersion: { ...rest, memoryConfiguration } }));
    expect(await agents().version(id, "3")).toEqual({
      kind: "found",
      version: { ...sampleVersion("3"), keyArn: undefined, memoryEnabled: true },
    });
  });

  test.each([
    ["no version", undefined, "no version in the answer"],
    ["a key that it can't read", { ...answer, customerEncryptionKeyArn: "alias/a" }, "unreadable key arn: `alias/a`"],
    ["a role that it can't read", { ...answer, agentResourceRoleArn: "AgentRole" }, "unreadable role arn"],
    ["another agent", { ...answer, agentId: sampleAgentId(2) }, "another agent's id"],
    ["another version", { ...answer, version: "4" }, "another version: `4`"],
  ])("throws on %s", async (_what, agentVersion, text) => {
    wire.answer(json({ agentVersion }));
    await expect(agents().version(id, "3")).rejects.toThrow(`bedrock:GetAgentVersion of \`${id}\` answered with`);
    wire.answer(json({ agentVersion }));
    await expect(agents().version(id, "3")).rejects.toThrow(text);
  });

  test("is a refusal, or gone since it was listed", async () => {
    wire.answer(refusal("AccessDeniedException", 403));
    expect(await agents().version(id, "3")).toEqual({ kind: "denied", message: expect.any(String) });
    wire.answer(refusal("ResourceNotFoundException", 404));
    expect(await agents().version(id, "3")).toEqual({ kind: "not-found" });
  });
});
