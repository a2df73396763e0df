/**
 * The ARNs of an agent's aliases: `agent-alias/AGENTID/ALIASID`. Bedrock names an alias, not the agent, as the source of
 * its calls for an agent's memory.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
import { type AgentArn, agentArn, partsOf } from "../arn.ts";

/** The pattern of all aliases of one agent. */
export function aliasesOf(agent: AgentArn): string {
  return aliasOf(agent, "*");
}

/** One alias of an agent, which need not exist. */
export function aliasOf(agent: AgentArn, aliasId: string): string {
  const { partition, region, account, resource } = partsOf(agent);
  return `arn:${partition}:bedrock:${region}:${account}:${resource.replace(/^agent\//, "agent-alias/")}/${aliasId}`;
}

/** The agent whose `aliasesOf` this text is; undefined for any other text. */
export function agentOfAliases(text: string): AgentArn | undefined {
  const agent = agentArn(text.replace(":agent-alias/", ":agent/").replace(/\/\*$/, ""));
  return agent !== undefined && aliasesOf(agent) === text ? agent : undefined;
}
