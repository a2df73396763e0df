/**
 * What each function calls, and so the IAM actions that its role needs for it; the poller of its queue and its logs
 * come on top. A test holds this against the stack, both ways.
 */
import { alertsActions } from "@bedrock-key-guard/aws/alerts.ts";
import { agentDirectoryActions, agentsActions } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import { rolesActions } from "@bedrock-key-guard/aws/iam.ts";
import { inventoryActions } from "@bedrock-key-guard/aws/inventory.ts";
import { journalActions } from "@bedrock-key-guard/aws/journal.ts";
import { killSwitchActions } from "@bedrock-key-guard/aws/kill-switch.ts";
import { keysActions, keyWriterActions } from "@bedrock-key-guard/aws/kms.ts";
import { keyQueueActions, laterQueueActions, sweepQueueActions } from "@bedrock-key-guard/aws/queues.ts";
import { sweepLogActions } from "@bedrock-key-guard/aws/sweep-log.ts";
import { toldFindingsActions } from "@bedrock-key-guard/aws/told-findings.ts";

export type FunctionName = "intake" | "reconcile" | "sweep" | "notify-slack";

/** Reading an agent keeps the inventory: `readAgent` of the core. */
const readAgent = [agentsActions.get, inventoryActions.agent, inventoryActions.record, inventoryActions.forget];

const calls: Readonly<Record<FunctionName, readonly (readonly string[])[]>> = {
  intake: [
    ...readAgent,
    inventoryActions.agentsOn,
    journalActions.latest,
    sweepLogActions.everFinished,
    keyQueueActions.lookAt,
  ],
  reconcile: [
    ...readAgent,
    inventoryActions.agentsOn,
    ...Object.values(keysActions),
    ...Object.values(keyWriterActions),
    ...Object.values(rolesActions),
    ...Object.values(journalActions),
    ...Object.values(killSwitchActions),
    ...Object.values(toldFindingsActions),
    ...Object.values(alertsActions),
    ...Object.values(laterQueueActions),
  ],
  sweep: [
    ...readAgent,
    ...Object.values(agentDirectoryActions),
    sweepLogActions.finished,
    keyQueueActions.lookAt,
    ...Object.values(sweepQueueActions),
  ],
  "notify-slack": [],
};

/** Sorted, each action once. */
export function actionsOf(name: FunctionName): readonly string[] {
  return [...new Set(calls[name].flat())].sort();
}
