/** What scenes look at and ask on any stage, and the policies that people put there. */
import type { MadeAgent } from "./acts.ts";
import { expectThat, type Stage } from "./stage.ts";
import { keyName } from "./timeline.ts";

export type Json = Record<string, unknown>;

export async function statements(stage: Stage, keyArn: string): Promise<readonly Json[]> {
  return (JSON.parse(await stage.keyPolicy(keyArn)) as { Statement: Json[] }).Statement;
}

/** The guard's statements. */
export async function own(stage: Stage, keyArn: string): Promise<readonly Json[]> {
  return (await statements(stage, keyArn)).filter((s) => String(s.Sid).startsWith("BedrockKeyGuard"));
}

export function rootStatement(stage: Stage): Json {
  return {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${stage.account}:root` },
    Action: "kms:*",
    Resource: "*",
  };
}

export function policy(...list: readonly Json[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: list });
}

/** Bedrock asks for a data key, and the answer is told and checked. */
export async function bedrockAsks(
  stage: Stage,
  lead: "before" | "after",
  agent: MadeAgent,
  expected: boolean,
): Promise<void> {
  const allowed = await stage.bedrockCanUse(agent.keyArn, agent.arn);
  const said = allowed ? "allowed" : "refused (the error does not name the key's policy)";
  stage.timeline.line(
    lead,
    `Bedrock asks for a data key of ${keyName(agent.keyArn)} for agent "${agent.name}": ${said}`,
  );
  expectThat(allowed === expected, `Bedrock's GenerateDataKey should be ${expected ? "allowed" : "refused"} here`);
}

export function shopBot({ cast }: Stage): MadeAgent {
  if (!cast.shopBot) throw new Error("this scene plays after scene a");
  return cast.shopBot;
}
