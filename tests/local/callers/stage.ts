/** The stack on this machine with agents and callers on it. */
import { GetRolePolicyCommand } from "@aws-sdk/client-iam";
import { createAgent, createKey, createRole, type MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";

export async function openStage(graph?: unknown): Promise<Theatre> {
  const theatre = await openTheatre(
    timeline(() => {}),
    // IAM is read once in ten minutes, by the clock.
    { timeScale: 300, clock: "compressed", ...(graph === undefined ? {} : { graph }) },
  );
  await theatre.settle();
  return theatre;
}

/** An agent on a key, which the guard has repaired. */
export async function newAgent({ people: { developer }, settle }: Theatre, name: string): Promise<MadeAgent> {
  const agent = await createAgent(developer, name, await createKey(developer), await createRole(developer, name));
  await settle();
  return agent;
}

/** The text of the policy by which a role may invoke agents by any alias. */
export function invoking(...agents: readonly MadeAgent[]): string {
  const Resource = agents.map(({ arn }) => `${arn.replace(":agent/", ":agent-alias/")}/*`);
  const Statement = [{ Effect: "Allow", Action: "bedrock:InvokeAgent", Resource }];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

interface Access {
  readonly key: string;
  readonly agents: readonly string[];
}

/** What the guard's policy on a role gives; undefined where it has none. */
export async function givenTo({ people }: Theatre, RoleName: string): Promise<readonly Access[] | undefined> {
  try {
    const command = new GetRolePolicyCommand({ RoleName, PolicyName: "BedrockKeyGuard" });
    const { PolicyDocument = "" } = await people.developer.iam.send(command);
    const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument));
    return Statement.map((one: { Resource: string; Condition: { StringEquals: Record<string, string[]> } }) => ({
      key: one.Resource,
      agents: one.Condition.StringEquals["kms:EncryptionContext:aws:bedrock:arn"],
    }));
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchEntityException") return undefined;
    throw error;
  }
}

/** What the callers function logged of its looks since then. */
export function looks({ laptop }: Theatre, since = 0): readonly Readonly<Record<string, unknown>>[] {
  return laptop.stack.logs
    .slice(since)
    .map(({ line }) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ message }) => message === "the callers were looked at");
}
