/** The scenes of `npm start`. Each plays on the running stack and checks that it went as it says. */
import { DisableKeyCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { createAgent, createKey, createRole, type MadeAgent, updateAgent } from "./acts.ts";
import { expectThat, type Theatre } from "./theatre.ts";
import { keyName } from "./timeline.ts";

export interface Scene {
  readonly letter: string;
  readonly title: string;
  play(theatre: Theatre): Promise<void>;
}

type Json = Record<string, unknown>;

function statements(theatre: Theatre, keyArn: string): readonly Json[] {
  return (JSON.parse(theatre.laptop.world.policy(keyArn)) as { Statement: Json[] }).Statement;
}

function own(theatre: Theatre, keyArn: string): readonly Json[] {
  return statements(theatre, keyArn).filter((s) => String(s.Sid).startsWith("BedrockKeyGuard"));
}

function rootStatement(theatre: Theatre): Json {
  return {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${theatre.laptop.account}:root` },
    Action: "kms:*",
    Resource: "*",
  };
}

function policy(...list: readonly Json[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: list });
}

/** Bedrock asks for a data key, and the answer is told and checked. */
async function bedrockAsks(theatre: Theatre, lead: "before" | "after", agent: MadeAgent, expected: boolean) {
  const allowed = await theatre.bedrockCanUse(agent.keyArn, agent.arn);
  const said = allowed ? "allowed" : "refused (the error does not name the key's policy)";
  theatre.timeline.line(
    lead,
    `Bedrock asks for a data key of ${keyName(agent.keyArn)} for agent "${agent.name}": ${said}`,
  );
  expectThat(allowed === expected, `Bedrock's GenerateDataKey should be ${expected ? "allowed" : "refused"} here`);
}

export const SCENES: readonly Scene[] = [
  {
    letter: "a",
    title: "An agent is created on a key that has only the default policy",
    async play(theatre) {
      const { developer } = theatre.people;
      const roleArn = await createRole(developer, "ShopBot");
      const agent = await createAgent(developer, "shop-bot", await createKey(developer), roleArn);
      theatre.cast.shopBot = agent;
      await bedrockAsks(theatre, "before", agent, false);
      const mails = await theatre.settle();
      expectThat(own(theatre, agent.keyArn).length === 3, "the key should have the guard's three statements");
      expectThat(
        mails.some((mail) => mail.subject.includes("repaired")),
        "a repair should be told",
      );
      await bedrockAsks(theatre, "after", agent, true);
    },
  },
  {
    letter: "b",
    title: "The agent moves to another service role",
    async play(theatre) {
      const agent = shopBot(theatre);
      const roleArn = await createRole(theatre.people.developer, "ShopBotV2");
      theatre.cast.shopBot = await updateAgent(theatre.people.developer, agent, { roleArn });
      await theatre.settle();
      const roles = JSON.stringify(own(theatre, agent.keyArn));
      expectThat(roles.includes(roleArn), "the new role should be in the key policy");
      theatre.timeline.line("after", `the key policy names ${roleArn}`);
    },
  },
  {
    letter: "c",
    title: "Someone else puts a policy without the guard's statements",
    async play(theatre) {
      const agent = shopBot(theatre);
      const theirs = policy(rootStatement(theatre), {
        Sid: "AuditorsMayLook",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${theatre.laptop.account}:root` },
        Action: "kms:DescribeKey",
        Resource: "*",
      });
      await theatre.people.terraform.kms.send(
        new PutKeyPolicyCommand({ KeyId: agent.keyArn, PolicyName: "default", Policy: theirs }),
      );
      await bedrockAsks(theatre, "before", agent, false);
      const mails = await theatre.settle();
      expectThat(
        mails.some((mail) => mail.text.includes("role/ci/Terraform (session nightly-apply)")),
        "the alert should name who",
      );
      expectThat(
        statements(theatre, agent.keyArn).some((s) => s.Sid === "AuditorsMayLook"),
        "their statement should stay",
      );
      await bedrockAsks(theatre, "after", agent, true);
    },
  },
  {
    letter: "d",
    title: "A second agent shares the key",
    async play(theatre) {
      const first = shopBot(theatre);
      const roleArn = await createRole(theatre.people.developer, "ReturnsBot");
      const second = await createAgent(theatre.people.developer, "returns-bot", first.keyArn, roleArn);
      await theatre.settle();
      const mine = own(theatre, first.keyArn);
      expectThat(mine.length === 3, "both agents should share one statement each");
      expectThat(
        [first.arn, second.arn].every((arn) => JSON.stringify(mine).includes(arn)),
        "both agents should be named",
      );
      await bedrockAsks(theatre, "after", first, true);
      await bedrockAsks(theatre, "after", second, true);
    },
  },
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
      expectThat(own(theatre, agent.keyArn).length === 0, "nothing should be written");
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
      expectThat(own(theatre, keyArn).length === 3, "the sweep should have repaired the key");
      await bedrockAsks(theatre, "after", agent, true);
    },
  },
];

export async function sweepNow(stack: Theatre["laptop"]["stack"]): Promise<void> {
  const [schedule] = stack.model.schedules;
  if (!schedule) throw new Error("the graph has no schedule");
  await stack.runSchedule(schedule.name);
}

function shopBot({ cast }: Theatre): MadeAgent {
  if (!cast.shopBot) throw new Error("this scene plays after scene a");
  return cast.shopBot;
}
