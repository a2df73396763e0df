/** Findings about writes: those that were not made, and why; and those that went wrong. */
import { type KeyArn, partsOf } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { finding, statementText } from "../finding/findings.ts";
import { actorText } from "../finding/render.ts";
import { snippets } from "../finding/snippets.ts";
import type { Statement } from "../policy/document.ts";
import type { JsonObject } from "../policy/json.ts";
import type { Agent, ForeignWrite, Hold, OperatorCommands } from "../ports.ts";
import { DOCUMENTED_PAGE } from "../requirements/documented.ts";
import type { Reservation } from "./budget.ts";
import type { Hindrance } from "./hindrance.ts";
import type { Orphan } from "./orphans.ts";
import { isEmpty } from "./own-access.ts";
import { MAX_POLICY_BYTES, type Patch } from "./plan.ts";
import { ids, keyId } from "./problems.ts";

/** What a change adds: more of it is worse. */
function changedLines({ diff }: Patch): readonly string[] {
  return diff.filter((line) => line.startsWith("+"));
}

export function policyFull(key: KeyArn, agents: readonly Agent[], bytes: number, patch: Patch): Finding {
  return finding({
    kind: "policy-full",
    severity: "high",
    key,
    about: changedLines(patch),
    agents: ids(agents),
    title: `the key's policy is full: with the addition it would have ${bytes} bytes, and KMS takes ${MAX_POLICY_BYTES}`,
    detail: "The needed access was not added, and the agents fail until it is.",
    evidence: [patch.diff.join("\n")],
    remedy: ["Shorten the other statements of the policy, or spread the agents over several keys."],
  });
}

/** @param stops - whether something is missing that can't be added because of it */
export function ownEdited(
  key: KeyArn,
  agents: readonly Agent[],
  edited: readonly Statement[],
  stops: boolean,
): readonly Finding[] {
  if (edited.length === 0) return [];
  const sids = edited.map((statement) => `\`${statement.sid}\``).join(", ");
  return [
    finding({
      kind: "own-statement-edited",
      severity: stops ? "high" : "medium",
      key,
      agents: stops ? ids(agents) : [],
      title: `a statement of the guard's was edited by hand: ${sids} carries its Sid, and not its shape`,
      detail: stops
        ? "What the agents need is missing, and the guard does not write over somebody's edit. Nothing was written."
        : "The guard leaves it as it is, and can't keep it up to date: as soon as something is missing, nothing is added.",
      evidence: edited.map(statementText),
      remedy: [
        "Remove the statement that carries the guard's Sid, or rename it to keep it as your own; the guard then adds what is missing.",
      ],
    }),
  ];
}

export function noSafePatch(key: KeyArn, agents: readonly Agent[], reason: string): Finding {
  return finding({
    kind: "no-safe-patch",
    severity: "high",
    key,
    about: [reason],
    agents: ids(agents),
    title: "the guard found no safe way to change the policy: what it would write does not do what it is for",
    detail: `${reason}. Nothing was written.`,
    remedy: [
      "Add what the agents need by hand:",
      DOCUMENTED_PAGE,
      "and report this with the key's policy: it is a fault of the guard.",
    ],
  });
}

export function orphaned(key: KeyArn, agents: readonly Agent[], orphans: readonly Orphan[], patch: Patch): Finding {
  const names = [...new Set(orphans.map((orphan) => orphan.principal))];
  return finding({
    kind: "orphaned-principal",
    severity: "high",
    key,
    about: names,
    agents: ids(agents),
    title: `the policy names a deleted principal: with ${names.join(", ")} in it, KMS refuses any change`,
    detail:
      "A deleted role or user stands in a key policy as its unique id. The statement is not the guard's, so the guard leaves it alone.",
    evidence: [...new Set(orphans.map((orphan) => orphan.statement))].map(statementText),
    remedy: [
      `Remove ${names.join(", ")} from the statements above, or put its successor in its place; the guard then adds:`,
      patch.diff.join("\n"),
    ],
  });
}

export function writeRefused(
  key: KeyArn,
  agents: readonly Agent[],
  refusal: { readonly code: string; readonly message: string },
  patch: Patch,
): Finding {
  return finding({
    kind: "write-refused",
    severity: "high",
    key,
    about: [refusal.code],
    agents: ids(agents),
    title: `KMS refused the repaired policy: ${refusal.code}`,
    detail: refusal.message,
    evidence: [patch.diff.join("\n")],
    remedy: ["Mend what the message names, or add the statements above by hand."],
  });
}

export function inFlux(key: KeyArn, agents: readonly Agent[], reason: string): Finding {
  return finding({
    kind: "policy-in-flux",
    severity: "high",
    key,
    agents: ids(agents),
    title: "the key's policy does not come to rest: the guard could not finish a repair",
    detail: `${reason}.`,
    remedy: ["Look in CloudTrail for who calls PutKeyPolicy on this key, and have them keep the guard's statements."],
  });
}

/** The change is known and safe, and the guard was told not to write. A different change is another finding. */
export function heldBack(key: KeyArn, agents: readonly Agent[], held: Hindrance, patch: Patch): Finding {
  const lacks = !isEmpty(patch.adds);
  return finding({
    kind: "addition-held-back",
    severity: lacks ? "high" : "low",
    key,
    about: changedLines(patch),
    diff: patch.diff,
    agents: lacks ? ids(agents) : [],
    title: lacks
      ? "the key's policy lacks what its agents need: the guard did not write"
      : "the key's policy still names agents or roles that are gone: the guard did not write",
    detail: `Not written because ${held.reason}.`,
    remedy: ["Make the change above to the key policy yourself, or let the guard make it:", held.remedy],
  });
}

export function budgetSpent(
  key: KeyArn,
  agents: readonly Agent[],
  spent: Extract<Reservation, { kind: "spent" }>,
  patch: Patch,
  history: string,
): Finding {
  const of = spent.of === "key" ? "this key" : "the keys of this account";
  return finding({
    kind: "write-budget-spent",
    severity: "high",
    key,
    about: changedLines(patch),
    diff: patch.diff,
    agents: ids(agents),
    title: "the guard has written as often as it may within the hour: it did not write",
    detail: `The policies of ${of} may be put ${spent.limit} times an hour, and were. Something keeps changing them. The guard looks again in the next hour.`,
    remedy: [
      "Look at what was written, and at who writes beside the guard:",
      history,
      "Until the hour is over, make the change above by hand. The budgets are settings (`writeBudgets` in stacks/settings.ts).",
    ],
  });
}

export function onHold(key: KeyArn, agents: readonly Agent[], hold: Hold, resume: string): Finding {
  return finding({
    kind: "key-on-hold",
    severity: "medium",
    key,
    about: [hold.at],
    agents: [],
    title: "the guard does not write to the key: it is on hold",
    detail: `Since ${hold.at}, by ${hold.by}: ${hold.reason}. Of the agents on the key (${agents.length}), none is repaired meanwhile.`,
    remedy: ["When the guard may write again:", resume],
  });
}

/** @param statements - what the guard's own statements would be, for the owner to take over */
export function contested(
  key: KeyArn,
  agents: readonly Agent[],
  hold: Hold,
  statements: readonly JsonObject[],
  commands: OperatorCommands,
  patch: Patch | undefined,
): Finding {
  return finding({
    kind: "contested",
    severity: "high",
    key,
    about: [hold.at],
    agents: [],
    title: `the guard has stopped repairing the key: ${hold.by} keeps taking its statements out`,
    detail:
      `${hold.reason}. The agents on the key (${agents.length}) fail while the statements are missing. ` +
      "Two writers that undo each other help nobody: the policy has to be right where it is defined.",
    diff: patch?.diff ?? [],
    remedy: [
      "Put the statements where the key's policy is defined, in one of these forms:",
      ...snippets(statements).flatMap(({ tool, where, text }) => [`${tool}, in ${where}:`, text]),
      "Then let the guard write to the key again:",
      commands.resumeKey(key),
    ],
  });
}

export function overwritten(write: ForeignWrite, history: string): Finding {
  return finding({
    kind: "update-overwritten",
    severity: "critical",
    key: write.key,
    which: [write.eventId],
    agents: [],
    title: `the guard overwrote a policy that it had not read: the one that ${actorText(write.actor)} put at ${write.at}`,
    detail:
      "KMS replaces the whole policy and has no version check: both wrote at the same time, and the guard's write won. " +
      "What that policy revoked is allowed again, and what it allowed is not.",
    evidence: [write.policy],
    remedy: [
      "Put the policy above again, with the guard's statements that are in the live one now:",
      `aws kms get-key-policy --region ${partsOf(write.key).region} --key-id ${keyId(write.key)} --policy-name default --query Policy --output text`,
      history,
    ],
  });
}

export function unexplainedWrite(write: ForeignWrite, history: string): Finding {
  return finding({
    kind: "own-write-unexplained",
    severity: "critical",
    key: write.key,
    which: [write.eventId],
    agents: [],
    title: `the guard's role put a policy that its journal does not know: ${actorText(write.actor)} at ${write.at}`,
    detail:
      "Every write of the guard has a journal entry that was made before it. Somebody may be using the guard's role, or its journal was changed.",
    evidence: [write.policy],
    remedy: [
      "Stop the guard, and find out in CloudTrail whose session that was:",
      `aws cloudtrail lookup-events --region ${partsOf(write.key).region} --lookup-attributes AttributeKey=EventId,AttributeValue=${write.eventId}`,
      history,
    ],
  });
}
