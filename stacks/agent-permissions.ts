import { arnHere, type Place } from "./place.ts";
import type { Statement } from "./policy.ts";

/**
 * Lets a function read agents and their numbered versions, which are authorised on the agent.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
export function readAgents(place: Place): Statement {
  return {
    Sid: "ReadAgents",
    Effect: "Allow",
    Action: ["bedrock:GetAgent", "bedrock:ListAgentVersions", "bedrock:GetAgentVersion"],
    Resource: arnHere(place, "bedrock", "agent/*"),
  };
}
