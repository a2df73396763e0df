/** Scene i: the IAM half. It needs no more than a stage, as a to d do. */
import { DeleteAgentCommand } from "@aws-sdk/client-bedrock-agent";
import { DeleteRolePolicyCommand, GetRolePolicyCommand, NoSuchEntityException } from "@aws-sdk/client-iam";
import { createAgent, createCaller, createKey, createRole } from "./acts.ts";
import { callerAsks } from "./caller-looks.ts";
import { expectThat, type Scene, type Stage, type Told } from "./stage.ts";

const NAME = "HelpDesk";
const POLICY = "BedrockKeyGuard";

export const SCENE_OF_CALLERS: Scene<Stage> = {
  letter: "i",
  title: "A role that may invoke is refused by KMS, then repaired",
  async play(stage) {
    const { developer, terraform } = stage.people;
    const agent = await createAgent(
      developer,
      "help-bot",
      await createKey(developer),
      await createRole(developer, "HelpBot"),
    );
    // The key's half comes first, as in scene a.
    await stage.settle();
    const caller = await createCaller(developer, NAME, agent);
    await callerAsks(stage, "before", caller, agent, false);
    const given = about(await stage.settle(), caller);
    expectThat(given.length === 1, "what was given should be told once");
    expectThat(given[0]?.text.includes(`+ agent "help-bot" (${agent.id})`) === true, "the alert should name the agent");
    expectThat((await guardsPolicy(stage))?.includes(agent.arn) === true, "the guard's policy should name the agent");
    await callerAsks(stage, "after", caller, agent, true);

    await terraform.iam.send(new DeleteRolePolicyCommand({ RoleName: NAME, PolicyName: POLICY }));
    await callerAsks(stage, "before", caller, agent, false);
    const again = about(await stage.settle(), caller);
    expectThat(
      again.some(({ text }) => text.includes("DeleteRolePolicy by arn:aws:iam::") && text.includes("ci/Terraform")),
      "the alert should name who took the policy away",
    );
    await callerAsks(stage, "after", caller, agent, true);

    await developer.agents.send(new DeleteAgentCommand({ agentId: agent.id, skipResourceInUseCheck: true }));
    const taken = about(await stage.settle(), caller);
    expectThat(
      taken.some(({ text }) => text.includes("took its policy")),
      "that the access went with the agent should be told",
    );
    expectThat((await guardsPolicy(stage)) === undefined, "the guard's policy should be gone");
    await callerAsks(stage, "after", caller, agent, false);
  },
};

function about(mails: readonly Told[], caller: string): readonly Told[] {
  return mails.filter(({ text }) => text.includes(caller));
}

/** Its text, decoded; undefined where the role has none. */
async function guardsPolicy({ people }: Stage): Promise<string | undefined> {
  try {
    const command = new GetRolePolicyCommand({ RoleName: NAME, PolicyName: POLICY });
    const { PolicyDocument = "" } = await people.developer.iam.send(command);
    return decodeURIComponent(PolicyDocument);
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined;
    throw error;
  }
}
