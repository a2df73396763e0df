/** Where scenes play: `npm start`'s own emulation of AWS, or another one. */
import type { Clients } from "../laptop.ts";
import type { MadeAgent } from "./acts.ts";
import type { Timeline } from "./timeline.ts";

/** What a scene needs, whoever plays AWS. */
export interface Stage {
  readonly account: string;
  readonly timeline: Timeline;
  readonly people: People;
  /** The agent of scene a, whom later scenes meet again. */
  readonly cast: { shopBot: MadeAgent | undefined };
  /** Waits until the guard is at rest. @returns what its alerts' readers got since the last time */
  settle(): Promise<readonly Told[]>;
  /** Whether Bedrock, as itself and with an agent's encryption context, gets a data key. */
  bedrockCanUse(keyArn: string, agentArn: string): Promise<boolean>;
  /** Whether a role or user that IAM knows gets a data key of its own under an agent's encryption context. */
  callerCanUse(callerArn: string, keyArn: string, agentArn: string): Promise<boolean>;
  /** The key's policy as it now stands: its JSON text. */
  keyPolicy(keyArn: string): Promise<string>;
}

export interface People {
  /** Creates agents and keys. */
  readonly developer: Clients;
  /** Puts key policies that know nothing of the guard. */
  readonly terraform: Clients;
}

export interface Told {
  readonly subject: string;
  readonly text: string;
}

export interface Scene<Where> {
  readonly letter: string;
  readonly title: string;
  play(where: Where): Promise<void>;
}

/** A scene that did not go as it says is a failure of the run. */
export class SceneFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SceneFailed";
  }
}

export function expectThat(holds: boolean, what: string): asserts holds {
  if (!holds) throw new SceneFailed(what);
}
