import type { Agent, AgentSettings, SettledStatus } from "./bedrock/agents.ts";
import { agentArn } from "./bedrock/call.ts";
import type { LocalTrail } from "./cloudtrail.ts";
import type { Emulation } from "./emulation.ts";
import { type IamWorld, iamWorld } from "./iam/world-iam.ts";
import { awsManagedPolicy, defaultPolicy } from "./kms/default-policy.ts";
import type { KeyState, KmsKey } from "./kms/keys.ts";
import { acceptPolicy } from "./kms/policy.ts";
import { withArns, withKnownIds } from "./kms/policy-principals.ts";
import { print } from "./kms/print.ts";
import type { Fault } from "./shared/faults.ts";
import { newBedrockId } from "./shared/ids.ts";
import { isJsonObject, parseJson } from "./shared/json.ts";

export interface PlantedKey {
  /** Default: the emulation's own. */
  readonly account?: string;
  readonly region?: string;
  readonly id?: string;
  readonly state?: KeyState;
  readonly spec?: string;
  readonly usage?: string;
  readonly origin?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Default: what KMS gives a key that is created without one. Checked as PutKeyPolicy does. */
  readonly policy?: string;
  /** The AWS service whose managed key this is, such as `lambda`: nobody can change such a key. */
  readonly managedFor?: string;
}

/** What a draft or a numbered version is encrypted with, run by and remembers. */
export interface PlantedVersion {
  readonly roleArn?: string;
  readonly keyArn?: string;
  readonly memory?: boolean;
}

export interface PlantedAgent extends PlantedVersion {
  readonly name: string;
  /** Default: a new one. */
  readonly id?: string;
  /** Its numbered versions, from 1 on. */
  readonly versions?: readonly PlantedVersion[];
  readonly status?: SettledStatus;
  readonly createdAt?: Date;
}

/** Plants state without a call, and so without permission and without an event; and reads it the same way. */
export interface World extends IamWorld {
  /** @returns the key's ARN */
  plantKey(key?: PlantedKey): string;
  /** Puts a policy in place with nothing but its JSON looked at: principals that no longer exist stay as they are. */
  plantPolicy(keyArn: string, text: string): void;
  /** GetKeyPolicy answers this very text until the next PutKeyPolicy; permissions stay those of the policy before. */
  plantPolicyText(keyArn: string, text: string): void;
  /** The policy as GetKeyPolicy prints it, never a stale one. */
  policy(keyArn: string): string;
  setKeyState(keyArn: string, state: KeyState): void;
  plantAgent(agent: PlantedAgent): { readonly agentId: string; readonly agentArn: string };
  removeAgent(agentId: string): void;
  /** After the next PutKeyPolicy, this many GetKeyPolicy still answer the document before it. */
  staleReads(keyArn: string, times: number): void;
  /** CloudTrail's trails; what they say of themselves, and not what reaches the bus. */
  readonly trails: LocalTrail[];
  failNext(fault: Fault): void;
  /** Does something just before the next call of this operation is served, such as deleting what it asks for. */
  beforeNext(service: string, operation: string, act: () => void): void;
}

export function createWorld(emulation: Emulation): World {
  const keyOf = (arn: string): KmsKey => {
    const key = emulation.keys.byArn(arn);
    if (!key) throw new Error(`no such key in the emulation: \`${arn}\`; plant it first`);
    return key;
  };
  return {
    ...iamWorld(emulation),
    plantKey: (key = {}) => plantKey(emulation, key),
    plantPolicy(keyArn, text) {
      const document = parseJson(text);
      if (!isJsonObject(document)) throw new Error("a planted policy must be a JSON object; see plantPolicyText");
      keyOf(keyArn).policy = withKnownIds(document, emulation.identities);
    },
    plantPolicyText(keyArn, text) {
      keyOf(keyArn).printedInstead = text;
    },
    policy: (keyArn) => print(withArns(keyOf(keyArn).policy, emulation.identities)),
    setKeyState(keyArn, state) {
      keyOf(keyArn).state = state;
    },
    plantAgent: (agent) => plantAgent(emulation, agent),
    removeAgent: (agentId) => emulation.agents.remove(agentId),
    staleReads(keyArn, times) {
      keyOf(keyArn).stalePlanned = times;
    },
    trails: emulation.trails,
    failNext: (fault) => emulation.faults.failNext(fault),
    beforeNext: (service, operation, act) => emulation.faults.beforeNext(service, operation, act),
  };
}

function plantKey(emulation: Emulation, planted: PlantedKey): string {
  const account = planted.account ?? emulation.account;
  const region = planted.region ?? emulation.region;
  const { managedFor, tags, policy, ...rest } = planted;
  const given = managedFor === undefined ? defaultPolicy(account) : awsManagedPolicy(account, region, managedFor);
  const key = emulation.keys.add({
    ...rest,
    account,
    region,
    manager: managedFor === undefined ? "CUSTOMER" : "AWS",
    tags: new Map(Object.entries(tags ?? {})),
    policy: policy === undefined ? given : acceptPolicy({ emulation }, policy),
    createdAt: emulation.clock.now(),
  });
  return key.arn;
}

function plantAgent(emulation: Emulation, planted: PlantedAgent): { agentId: string; agentArn: string } {
  const id = planted.id ?? newBedrockId();
  const createdAt = planted.createdAt ?? emulation.clock.now();
  const agent: Agent = {
    id,
    arn: agentArn(emulation, id),
    createdAt,
    updatedAt: createdAt,
    preparedAt: undefined,
    versions: new Map(),
    aliases: new Map(),
    latestVersion: 0,
    settings: settingsOf(planted.name, planted),
    settled: planted.status ?? "PREPARED",
    busy: undefined,
  };
  emulation.agents.add(agent);
  for (const version of planted.versions ?? []) emulation.agents.addVersion(agent, settingsOf(planted.name, version));
  return { agentId: id, agentArn: agent.arn };
}

function settingsOf(name: string, { roleArn, keyArn, memory = false }: PlantedVersion): AgentSettings {
  const memoryConfiguration = { enabledMemoryTypes: ["SESSION_SUMMARY"], storageDays: 30 };
  return { name, roleArn, keyArn, others: memory ? { memoryConfiguration } : {} };
}
