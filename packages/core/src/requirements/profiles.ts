/**
 * Profiles: which of the documented requirements an agent has. A profile is data, and nothing else knows what is in one: a
 * further profile is a further row of the table, or an object of this shape made anywhere.
 */
import type { Agent } from "../ports.ts";
import { CURRENT_PAGE, DOCUMENTED, DOCUMENTED_PAGE } from "./documented.ts";
import type { RequirementId } from "./requirement.ts";

export interface Profile {
  readonly id: string;
  readonly title: string;
  /** The page that it follows. */
  readonly source: string;
  /**
   * What an agent needs of a key that its draft or a version uses. What is for memory is asked only where memory is on,
   * whatever the profile.
   */
  readonly requirements: (agent: Pick<Agent, "createdAt">) => readonly RequirementId[];
}

const ALL: readonly RequirementId[] = DOCUMENTED.map(({ id }) => id);

/**
 * AWS documents another, shorter policy for agents created after that day. The pages give a date and no hour: it is read as
 * the day's first instant in UTC.
 */
const NEWER_SINCE = Date.parse("2025-01-22T00:00:00Z");

/**
 * Of newer agents the page asks for `service-sessions` only where an action group has its schema in an encrypted S3 object.
 * It stays required for all of them: which agents have such groups the guard could not see without two further permissions
 * (bedrock:ListAgentActionGroups, bedrock:GetAgentActionGroup), a missing one breaks an agent, and an unneeded one lets
 * Bedrock do nothing but use the key in the context of that very agent.
 */
const NEWER: readonly RequirementId[] = ["key-admin", "service-sessions", "service-memory"];

export const PROFILES = {
  documented: {
    id: "documented",
    title: "what AWS documents for agents created before 2025-01-22, for every agent",
    source: DOCUMENTED_PAGE,
    requirements: () => ALL,
  },
  "by-creation-date": {
    id: "by-creation-date",
    title: "what AWS documents for agents created from 2025-01-22 on, for those, and the older page for the others",
    source: CURRENT_PAGE,
    // A date that can't be read is no reason to ask for less.
    requirements: ({ createdAt }) => (Date.parse(createdAt) >= NEWER_SINCE ? NEWER : ALL),
  },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileId = keyof typeof PROFILES;

export const PROFILE_IDS = Object.keys(PROFILES) as readonly ProfileId[];

export function isProfileId(text: string): text is ProfileId {
  return Object.hasOwn(PROFILES, text);
}

export function profile(id: ProfileId): Profile {
  return PROFILES[id];
}
