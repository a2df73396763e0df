/**
 * Scenes a to d of `npm start` against moto, an emulator that shares no code with ours: the deployed bundles, fed from
 * moto's queues, on moto's KMS, Bedrock Agents, IAM, DynamoDB, SNS and EventBridge.
 */
import {
  CreateAgentAliasCommand,
  GetAgentVersionCommand,
  ListAgentVersionsCommand,
} from "@aws-sdk/client-bedrock-agent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyDigest } from "../../packages/core/src/policy/canonical.ts";
import { readGraph } from "../../packages/local/src/laptop.ts";
import { createAgent, createKey, createRole, updateAgent } from "../../packages/local/src/scenes/acts.ts";
import { SCENES_OF_ANY_STAGE } from "../../packages/local/src/scenes/scenes-of-any-stage.ts";
import { cli } from "../cli/run-cli.ts";
import { pythonHasMoto } from "./moto-process.ts";
import { type MotoStage, openMotoStage } from "./moto-stage.ts";
import { trailRecord } from "./trail.ts";

// Where moto has to be there, as in CI, its absence fails the tests instead of leaving them out.
const leftOut = process.env.REQUIRE_MOTO !== "1" && !pythonHasMoto();
const why = leftOut ? ' (left out: python3 can\'t import moto.server; `pip install "moto[server]"`)' : "";

describe.skipIf(leftOut)(`on moto, fed from its queues${why}`, () => {
  let stage: MotoStage;
  beforeAll(async () => {
    stage = await openMotoStage(readGraph());
  });
  afterAll(async () => {
    await stage?.stop();
  });

  test("moto's EventBridge takes a rule's events, and leaves out a failed call, by the rule's own pattern", async () => {
    const record = trailRecord({
      by: stage.developer,
      region: stage.region,
      eventSource: "kms.amazonaws.com",
      eventName: "EnableKey",
      request: { KeyId: await createKey(stage.people.developer) },
      answer: {},
      at: Date.now(),
    });
    await stage.publish({ ...record, errorCode: "AccessDenied" });
    await stage.publish({ ...record, eventName: "ListKeys" });
    expect(await stage.depth("-intake")).toBe(0);
    await stage.publish(record);
    expect(await stage.depth("-intake")).toBe(1);
    await stage.settle();
  });

  // Each goes on where the one before ended, as in `npm start`.
  describe("the scenes go as in `npm start`", () => {
    test.for(SCENES_OF_ANY_STAGE.map((scene) => [scene.letter, scene.title, scene] as const))(
      "%s. %s",
      async ([, , scene], { onTestFailed }) => {
        onTestFailed(() => console.error(stage.guard.logs.slice(-10).join("\n")));
        await scene.play(stage);
      },
    );
  });

  test("an ordinary rollback puts back what stood before the guard's last write, and the guard leaves it", async () => {
    const key = stage.cast.shopBot?.keyArn ?? "";
    const written = await stage.keyPolicy(key);
    const environment = { AWS_ENDPOINT_URL: stage.endpoint, AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any" };
    const run = (...args: readonly string[]) => cli([...args, "--table", stage.table], "", environment);
    const history = await run("history", key, "--json");
    const [newest] = JSON.parse(history.out).entries;
    const ended = await run("rollback", key, "--yes", "--reason", "not wanted");
    expect(ended).toMatchObject({ code: 0 });
    const before = await stage.keyPolicy(key);
    expect(before).not.toBe(written);
    expect(policyDigest(before)).toBe(policyDigest(newest.before));
    await stage.publish(
      trailRecord({
        by: stage.developer,
        region: stage.region,
        eventSource: "kms.amazonaws.com",
        eventName: "PutKeyPolicy",
        request: { KeyId: key, PolicyName: "default", Policy: before },
        answer: {},
        at: Date.now(),
      }),
    );
    const mails = await stage.settle();
    expect(mails.some(({ text }) => text.startsWith("ROLLED BACK"))).toBe(true);
    expect(await stage.keyPolicy(key)).toBe(before);
  });

  test("a sweep finds an agent whose event never came, and its key is repaired", async () => {
    const { unseen } = stage;
    const agent = await createAgent(unseen, "old-bot", await createKey(unseen), await createRole(unseen, "OldBot"));
    await stage.settle();
    expect(await stage.bedrockCanUse(agent.keyArn, agent.arn)).toBe(false);
    await stage.sweep();
    await stage.settle();
    expect(await stage.bedrockCanUse(agent.keyArn, agent.arn)).toBe(true);
  });

  test("each alert came to Slack by its queue, and no message ended as a dead letter", async () => {
    expect(stage.slack.posted).toHaveLength(stage.alerts());
    expect(stage.alerts()).toBeGreaterThanOrEqual(SCENES_OF_ANY_STAGE.length);
    expect(await stage.deadLetters()).toEqual([]);
  });

  test("moto's agents, as mended, keep a numbered version as it was when the draft changes", async () => {
    const { developer } = stage.people;
    const roleArn = await createRole(developer, "VersionedBot");
    const agent = await createAgent(developer, "versioned-bot", await createKey(developer), roleArn);
    await developer.agents.send(new CreateAgentAliasCommand({ agentId: agent.id, agentAliasName: "live" }));
    const moved = await updateAgent(developer, agent, { keyArn: await createKey(developer) });
    const { agentVersionSummaries } = await developer.agents.send(new ListAgentVersionsCommand({ agentId: agent.id }));
    expect(agentVersionSummaries?.map((summary) => summary.agentVersion)).toEqual(["DRAFT", "1"]);
    const { agentVersion } = await developer.agents.send(
      new GetAgentVersionCommand({ agentId: agent.id, agentVersion: "1" }),
    );
    expect(agentVersion).toMatchObject({ version: "1", customerEncryptionKeyArn: agent.keyArn });
    expect(agentVersion?.customerEncryptionKeyArn).not.toBe(moved.keyArn);
    expect(agentVersion?.createdAt).toBeInstanceOf(Date);
  });
});
