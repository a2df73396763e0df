/** What people do in scenes, in the words of the APIs. */
import { CreateAgentCommand, UpdateAgentCommand } from "@aws-sdk/client-bedrock-agent";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import type { Clients } from "../laptop.ts";

export interface MadeAgent {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly keyArn: string;
  readonly roleArn: string;
}

function trustOf(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
}

export async function createRole(by: Clients, name: string): Promise<string> {
  const made = await by.iam.send(
    new CreateRoleCommand({
      RoleName: name,
      Path: "/service/",
      AssumeRolePolicyDocument: trustOf("bedrock.amazonaws.com"),
    }),
  );
  return made.Role?.Arn ?? fail("CreateRole", name);
}

/** An application's role that may invoke the agent by any alias, and nothing else. */
export async function createCaller(by: Clients, name: string, agent: MadeAgent): Promise<string> {
  const made = await by.iam.send(
    new CreateRoleCommand({ RoleName: name, Path: "/app/", AssumeRolePolicyDocument: trustOf("lambda.amazonaws.com") }),
  );
  const invoke = {
    Effect: "Allow",
    Action: "bedrock:InvokeAgent",
    // Bedrock authorises the call on the alias: agent-alias/AGENT/ALIAS.
    Resource: `${agent.arn.replace(":agent/", ":agent-alias/")}/*`,
  };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [invoke] });
  await by.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "invoke", PolicyDocument }));
  return made.Role?.Arn ?? fail("CreateRole", name);
}

/** A key with the policy that KMS gives by default, or another one. */
export async function createKey(by: Clients, policy?: string): Promise<string> {
  const made = await by.kms.send(new CreateKeyCommand(policy === undefined ? {} : { Policy: policy }));
  return made.KeyMetadata?.Arn ?? fail("CreateKey", "a key");
}

export async function createAgent(by: Clients, name: string, keyArn: string, roleArn: string): Promise<MadeAgent> {
  const { agent } = await by.agents.send(
    new CreateAgentCommand({
      agentName: name,
      agentResourceRoleArn: roleArn,
      customerEncryptionKeyArn: keyArn,
      foundationModel: MODEL,
      instruction: "Answer questions of customers about their orders, politely and briefly.",
    }),
  );
  if (!agent?.agentId || !agent.agentArn) return fail("CreateAgent", name);
  return { id: agent.agentId, arn: agent.agentArn, name, keyArn, roleArn };
}

/** UpdateAgent replaces all: what is not given is dropped, the key too. */
export async function updateAgent(
  by: Clients,
  agent: MadeAgent,
  changes: { readonly roleArn?: string; readonly keyArn?: string },
): Promise<MadeAgent> {
  const next = { ...agent, ...changes };
  await by.agents.send(
    new UpdateAgentCommand({
      agentId: next.id,
      agentName: next.name,
      agentResourceRoleArn: next.roleArn,
      customerEncryptionKeyArn: next.keyArn,
      foundationModel: MODEL,
    }),
  );
  return next;
}

const MODEL = "amazon.nova-lite-v1:0";

function fail(call: string, what: string): never {
  throw new Error(`${call} answered without the ARN of \`${what}\``);
}
