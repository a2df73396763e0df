/**
 * The sweep shares Bedrock's quotas with live work and with the account's own tools: of each operation it takes a part.
 *
 * Each operation has a quota of its own, so each is paced by itself: an agent with many versions holds up GetAgentVersion
 * only, and what is slow anyway waits for nothing.
 */
import type { AgentDirectory, Agents, Clock } from "../ports.ts";

/**
 * Calls a second, for the whole account in one Region; AWS does not raise them.
 * https://docs.aws.amazon.com/general/latest/gr/bedrock.html
 */
export const CALLS_A_SECOND = {
  ListAgents: 10,
  GetAgent: 15,
  ListAgentVersions: 10,
  GetAgentVersion: 10,
} as const;

export interface BedrockPorts {
  readonly agents: Agents;
  readonly directory: AgentDirectory;
}

/**
 * The same ports, of which each call waits for its operation's turn.
 *
 * A port's call is one turn, though `versions` asks more than once for an agent whose versions fill more than a page.
 *
 * @param share - of each quota: more than 0, at most 1
 */
export function paced({ agents, directory }: BedrockPorts, share: number, clock: PaceClock): BedrockPorts {
  const turn = (operation: keyof typeof CALLS_A_SECOND) => pace(intervalOf(CALLS_A_SECOND[operation] * share), clock);
  const turns = {
    list: turn("ListAgents"),
    get: turn("GetAgent"),
    versions: turn("ListAgentVersions"),
    version: turn("GetAgentVersion"),
  };
  return {
    agents: {
      get: async (id) => {
        await turns.get();
        return agents.get(id);
      },
      versions: async (id) => {
        await turns.versions();
        return agents.versions(id);
      },
      version: async (id, version) => {
        await turns.version();
        return agents.version(id, version);
      },
    },
    directory: {
      list: async (nextToken) => {
        await turns.list();
        return directory.list(nextToken);
      },
    },
  };
}

/**
 * Milliseconds between two calls, so that no second has more calls than that: 3.3 a second are 3 evenly, since 4 would be
 * too many for some seconds. Less than one a second is one every few seconds.
 */
export function intervalOf(callsASecond: number): number {
  if (!(callsASecond > 0)) throw new Error(`\`${callsASecond}\` calls a second are none; give a share above 0`);
  const whole = Math.floor(callsASecond);
  return Math.ceil(1_000 / (whole >= 1 ? whole : callsASecond));
}

type PaceClock = Pick<Clock, "now" | "sleep">;

/** Each turn comes when the interval has passed since the turn before; turns that are asked for at once queue up. */
function pace(interval: number, clock: PaceClock): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  let queue: Promise<void> = Promise.resolve();
  const now = () => Date.parse(clock.now());
  const wait = async () => {
    // A clock that is set back must not make a call wait for longer than the interval.
    const milliseconds = Math.min(last + interval - now(), interval);
    if (milliseconds > 0) await clock.sleep(milliseconds);
    last = now();
  };
  return () => {
    const mine = queue.then(wait);
    queue = mine.catch(() => {});
    return mine;
  };
}
