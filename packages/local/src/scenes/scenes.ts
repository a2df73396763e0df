/** The scenes of `npm start`. Each plays on the running stack and checks that it went as it says. */
import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { createAgent, createKey, createRole, type MadeAgent } from "./acts.ts";
import { bedrockAsks, own, policy, rootStatement, shopBot } from "./looks.ts";
import { SCENE_OF_CALLERS } from "./scene-of-callers.ts";
import { SCENES_OF_ANY_STAGE } from "./scenes-of-any-stage.ts";
import { expectThat, type Scene } from "./stage.ts";
import type { Theatre } from "./theatre.ts";

export const SCENES: readonly Scene<Theatre>[] = [
  ...SCENES_OF_ANY_STAGE,
  {
    letter: "e",
    title: "An explicit Deny stands in the way",
    async play(theatre) {
      const { developer } = theatre.people;
      const deny = {
        Sid: "NoBedrockHere",
        Effect: "Deny",
        Principal: { Service: "bedrock.amazonaws.com" },
        Action: "kms:*",
        Resource: "*",
      };
      const text = policy(rootStatement(theatre), deny);
      const agent = await createAgent(
        developer,
        "denied-bot",
        await createKey(developer, text),
        await createRole(developer, "DeniedBot"),
      );
      const mails = await theatre.settle();
      expectThat((await own(theatre, agent.keyArn)).length === 0, "nothing should be written");
      expectThat(
        mails.some((mail) => mail.text.includes('"Sid": "NoBedrockHere"')),
        "the alert should carry the Deny",
      );
      theatre.timeline.line("after", "nothing was written; the alert carries the statement that blocks");
    },
  },
  {
    letter: "f",
    title: "The key belongs to another account",
    async play(theatre) {
      const { developer } = theatre.people;
      const keyArn = theatre.laptop.world.plantKey({ account: "999988887777" });
      await createAgent(developer, "foreign-bot", keyArn, await createRole(developer, "ForeignBot"));
      const mails = await theatre.settle();
      expectThat(
        mails.some(
          (mail) => mail.text.includes("999988887777") && mail.text.includes("kms:EncryptionContext:aws:bedrock:arn"),
        ),
        "the alert should hold the statements for the owner",
      );
      theatre.timeline.line("after", "nothing was written; the alert holds the statements for the key's owner");
    },
  },
  {
    letter: "g",
    title: "The key is disabled",
    async play(theatre) {
      const agent = shopBot(theatre);
      await theatre.people.developer.kms.send(new DisableKeyCommand({ KeyId: agent.keyArn }));
      const mails = await theatre.settle();
      expectThat(
        mails.some((mail) => mail.subject.includes("critical")),
        "the alert should be critical",
      );
      await bedrockAsks(theatre, "after", agent, false);
      await theatre.people.developer.kms.send(new EnableKeyCommand({ KeyId: agent.keyArn }));
      expectThat(
        (await theatre.settle()).some((mail) => mail.subject.includes("resolved")),
        "that it is over should be told",
      );
      await bedrockAsks(theatre, "after", agent, true);
    },
  },
  {
    letter: "h",
    title: "An agent that was there before the guard, its event never seen",
    async play(theatre) {
      const { world, stack } = theatre.laptop;
      const roleArn = world.plantRole(theatre.role("service/OldBot")).arn;
      const keyArn = world.plantKey();
      const planted = world.plantAgent({ name: "old-bot", roleArn, keyArn });
      const agent: MadeAgent = { id: planted.agentId, arn: planted.agentArn, name: "old-bot", keyArn, roleArn };
      await bedrockAsks(theatre, "before", agent, false);
      theatre.timeline.line("event", "none; the sweep's schedule comes round");
      await sweepNow(stack);
      await theatre.settle();
      expectThat((await own(theatre, keyArn)).length === 3, "the sweep should have repaired the key");
      await bedrockAsks(theatre, "after", agent, true);
    },
  },
  SCENE_OF_CALLERS,
];

export async function sweepNow(stack: Theatre["laptop"]["stack"]): Promise<void> {
  await stack.runSchedule("SweepSchedule");
}
