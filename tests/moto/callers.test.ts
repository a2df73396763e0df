/** The IAM half on moto: scene i of `npm start`, and the mode that only tells. */
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  GetRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, test } from "vitest";
import { readGraph } from "../../packages/local/src/laptop.ts";
import {
  createAgent,
  createCaller,
  createKey,
  createRole,
  type MadeAgent,
} from "../../packages/local/src/scenes/acts.ts";
import { callerAsks } from "../../packages/local/src/scenes/caller-looks.ts";
import { SCENE_OF_CALLERS } from "../../packages/local/src/scenes/scene-of-callers.ts";
import { graphWithSettings } from "../local/callers/graph-with-settings.ts";
import { pythonHasMoto } from "./moto-process.ts";
import { type MotoStage, openMotoStage } from "./moto-stage.ts";

// Where moto has to be there, as in CI, its absence fails the tests instead of leaving them out.
const leftOut = process.env.REQUIRE_MOTO !== "1" && !pythonHasMoto();

/** IAM is read once in ten minutes. */
const TIME_SCALE = 300;

async function open(graph: unknown): Promise<MotoStage> {
  const stage = await openMotoStage(graph, TIME_SCALE);
  // The stack sweeps once after its deployment; until then, no agent is taken for gone.
  await stage.sweep();
  await stage.settle();
  return stage;
}

async function newAgent({ people: { developer }, settle }: MotoStage, name: string): Promise<MadeAgent> {
  const agent = await createAgent(developer, name, await createKey(developer), await createRole(developer, name));
  await settle();
  return agent;
}

describe.skipIf(leftOut)("callers on moto, in `enforce`", () => {
  let stage: MotoStage;
  beforeAll(async () => {
    stage = await open(readGraph());
    return () => stage.stop();
  });

  test(`${SCENE_OF_CALLERS.letter}. ${SCENE_OF_CALLERS.title}`, async ({ onTestFailed }) => {
    onTestFailed(() => console.error(stage.guard.logs.slice(-10).join("\n")));
    await SCENE_OF_CALLERS.play(stage);
  }, 60_000);

  test("what is put is the documented statement, for exactly the agents that the role may invoke", async () => {
    const { developer } = stage.people;
    const agent = await newAgent(stage, "sole-bot");
    const other = await newAgent(stage, "other-bot");
    const caller = await createCaller(developer, "Sole", agent);
    await stage.settle();
    const { PolicyDocument = "" } = await developer.iam.send(
      new GetRolePolicyCommand({ RoleName: "Sole", PolicyName: "BedrockKeyGuard" }),
    );
    expect(JSON.parse(decodeURIComponent(PolicyDocument))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: expect.stringMatching(/^BedrockKeyGuard[0-9A-Za-z]+$/),
          Effect: "Allow",
          Action: ["kms:GenerateDataKey", "kms:Decrypt"],
          Resource: agent.keyArn,
          Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": [agent.arn] } },
        },
      ],
    });
    await callerAsks(stage, "after", caller, agent, true);
    expect(await stage.callerCanUse(caller, other.keyArn, other.arn)).toBe(false);
  });

  test("a user who may invoke by a managed policy of a group is given the key, until it leaves the group", async () => {
    const { iam } = stage.people.developer;
    const agent = await newAgent(stage, "group-bot");
    const { User } = await iam.send(new CreateUserCommand({ UserName: "ada", Path: "/people/" }));
    const invoke = {
      Effect: "Allow",
      Action: "bedrock:Invoke*",
      Resource: `${agent.arn.replace(":agent/", ":agent-*/")}/*`,
    };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [invoke] });
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "may-invoke", PolicyDocument }));
    await iam.send(new CreateGroupCommand({ GroupName: "analysts" }));
    await iam.send(new AttachGroupPolicyCommand({ GroupName: "analysts", PolicyArn: Policy?.Arn }));
    await iam.send(new AddUserToGroupCommand({ GroupName: "analysts", UserName: "ada" }));
    await stage.settle();
    await callerAsks(stage, "after", User?.Arn ?? "", agent, true);
    await iam.send(new RemoveUserFromGroupCommand({ GroupName: "analysts", UserName: "ada" }));
    await stage.settle();
    await callerAsks(stage, "after", User?.Arn ?? "", agent, false);
    expect(await stage.deadLetters()).toEqual([]);
  });
});

describe.skipIf(leftOut)("callers on moto, in `propose`", () => {
  let stage: MotoStage;
  beforeAll(async () => {
    stage = await open(await graphWithSettings({ callers: { mode: "propose", writesPerHour: 50 } }));
    return () => stage.stop();
  });

  test("a role that may invoke and can't use the key is told of, with what it lacks, and nothing is written", async () => {
    const { developer } = stage.people;
    const agent = await newAgent(stage, "told-bot");
    const caller = await createCaller(developer, "Told", agent);
    const mails = (await stage.settle()).filter(({ text }) => text.includes(caller));
    expect(mails).toHaveLength(1);
    const { PolicyNames } = await developer.iam.send(new ListRolePoliciesCommand({ RoleName: "Told" }));
    expect(PolicyNames).toEqual(["invoke"]);
    await callerAsks(stage, "before", caller, agent, false);

    const [, RoleName, PolicyName, PolicyDocument] =
      /aws iam put-role-policy --role-name (\S+) --policy-name (\S+) --policy-document '(.*)'/.exec(
        mails[0]?.text ?? "",
      ) ?? [];
    await developer.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    await callerAsks(stage, "after", caller, agent, true);
    // What was put by hand is not put again; people hear that it is over.
    const after = await stage.settle();
    expect(after.map(({ subject }) => subject)).toEqual([expect.stringContaining("resolved: role Told")]);
    const { PolicyNames: left } = await developer.iam.send(new ListRolePoliciesCommand({ RoleName: "Told" }));
    expect(left?.toSorted()).toEqual([PolicyName, "invoke"]);
    expect(await stage.deadLetters()).toEqual([]);
  });
});
