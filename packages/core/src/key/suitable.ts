/** Whether the guard may change this key's policy at all, before its policy is read. */
import { type AccountId, accountOf, type KeyArn, partsOf } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { finding, unusableKey } from "../finding/findings.ts";
import type { Agent, Key } from "../ports.ts";

/** A customer managed key of this account and Region, symmetric, for encryption, and enabled: or what it is instead. */
export function unsuitable(key: Key, account: AccountId, agents: readonly Agent[]): Finding | undefined {
  const ids = agents.map((agent) => agent.id);
  const say = (which: string, title: string, detail: string) =>
    finding({
      kind: "key-unsuitable",
      severity: "high",
      key: key.arn,
      which: [which],
      agents: ids,
      title,
      detail,
      remedy: [
        "Choose a symmetric customer managed key of the agent's own account and Region for the agent (UpdateAgent).",
      ],
    });
  if (accountOf(key.arn) !== account) throw new Error("a key of another account is told before it is described");
  if (key.manager === "AWS") {
    return say(
      "manager",
      "the key is managed by AWS: its policy can't be changed",
      "An agent takes customer managed keys only.",
    );
  }
  if (key.spec !== "SYMMETRIC_DEFAULT" || key.usage !== "ENCRYPT_DECRYPT") {
    return say(
      "spec",
      `the key is ${key.spec} for ${key.usage}: agents need a symmetric key that encrypts and decrypts`,
      "The guard's own permissions do not reach keys of another kind.",
    );
  }
  return key.state === "Enabled" ? undefined : unusableKey(key, ids);
}

/** Told before the key is described: the guard's own calls and permissions end at its Region. */
export function keyOfAnotherRegion(key: KeyArn, agents: readonly Agent[]): Finding | undefined {
  const elsewhere = agents
    .filter((agent) => partsOf(agent.arn).region !== partsOf(key).region)
    .map((agent) => agent.id);
  if (elsewhere.length === 0) return undefined;
  return finding({
    kind: "key-unsuitable",
    severity: "high",
    key,
    which: ["region"],
    agents: elsewhere,
    title: `the key is in another Region: it is not that of agent ${elsewhere.join(", ")}`,
    detail: "A KMS key works within its own Region only.",
    remedy: [
      "Choose a symmetric customer managed key of the agent's own account and Region for the agent (UpdateAgent).",
    ],
  });
}
