/**
 * Scenes a to d. They need nothing but a stage, so that the tests play the very same ones on another emulator of AWS.
 * Each checks that it went as it says.
 */
import { PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { createAgent, createKey, createRole, updateAgent } from "./acts.ts";
import { bedrockAsks, own, policy, rootStatement, shopBot, statements } from "./looks.ts";
import { expectThat, type Scene, type Stage } from "./stage.ts";

export const SCENES_OF_ANY_STAGE: readonly Scene<Stage>[] = [
  {
    letter: "a",
    title: "An agent is created on a key that has only the default policy",
    async play(stage) {
      const { developer } = stage.people;
      const roleArn = await createRole(developer, "ShopBot");
      const agent = await createAgent(developer, "shop-bot", await createKey(developer), roleArn);
      stage.cast.shopBot = agent;
      await bedrockAsks(stage, "before", agent, false);
      const mails = await stage.settle();
      expectThat((await own(stage, agent.keyArn)).length === 3, "the key should have the guard's three statements");
      expectThat(
        mails.some((mail) => mail.subject.includes("repaired")),
        "a repair should be told",
      );
      await bedrockAsks(stage, "after", agent, true);
    },
  },
  {
    letter: "b",
    title: "The agent moves to another service role",
    async play(stage) {
      const agent = shopBot(stage);
      const roleArn = await createRole(stage.people.developer, "ShopBotV2");
      stage.cast.shopBot = await updateAgent(stage.people.developer, agent, { roleArn });
      await stage.settle();
      const roles = JSON.stringify(await own(stage, agent.keyArn));
      expectThat(roles.includes(roleArn), "the new role should be in the key policy");
      stage.timeline.line("after", `the key policy names ${roleArn}`);
    },
  },
  {
    letter: "c",
    title: "Someone else puts a policy without the guard's statements",
    async play(stage) {
      const agent = shopBot(stage);
      const theirs = policy(rootStatement(stage), {
        Sid: "AuditorsMayLook",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${stage.account}:root` },
        Action: "kms:DescribeKey",
        Resource: "*",
      });
      await stage.people.terraform.kms.send(
        new PutKeyPolicyCommand({ KeyId: agent.keyArn, PolicyName: "default", Policy: theirs }),
      );
      await bedrockAsks(stage, "before", agent, false);
      const mails = await stage.settle();
      expectThat(
        mails.some((mail) => mail.text.includes("role/ci/Terraform (session nightly-apply)")),
        "the alert should name who",
      );
      expectThat(
        (await statements(stage, agent.keyArn)).some((s) => s.Sid === "AuditorsMayLook"),
        "their statement should stay",
      );
      await bedrockAsks(stage, "after", agent, true);
    },
  },
  {
    letter: "d",
    title: "A second agent shares the key",
    async play(stage) {
      const first = shopBot(stage);
      const roleArn = await createRole(stage.people.developer, "ReturnsBot");
      const second = await createAgent(stage.people.developer, "returns-bot", first.keyArn, roleArn);
      await stage.settle();
      const mine = await own(stage, first.keyArn);
      expectThat(mine.length === 3, "both agents should share one statement each");
      expectThat(
        [first.arn, second.arn].every((arn) => JSON.stringify(mine).includes(arn)),
        "both agents should be named",
      );
      await bedrockAsks(stage, "after", first, true);
      await bedrockAsks(stage, "after", second, true);
    },
  },
];
