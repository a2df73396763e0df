/**
 * What each function calls, and so the IAM actions that its role needs for it; the poller of its queue and its logs
 * come on top. A test holds this against the stack, both ways.
 */
import { absencesActions } from "@bedrock-key-guard/aws/absences.ts";
import { announcerStateActions } from "@bedrock-key-guard/aws/announcer-state.ts";
import { agentDirectoryActions, agentsActions } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import { callerIdentitiesActions } from "@bedrock-key-guard/aws/caller-identities.ts";
import { callerJournalActions } from "@bedrock-key-guard/aws/caller-journal.ts";
import { callerWriterActions } from "@bedrock-key-guard/aws/caller-writer.ts";
import { chatChannelActions } from "@bedrock-key-guard/aws/chat-channel.ts";
import { eventsActions } from "@bedrock-key-guard/aws/event-bridge.ts";
import { findingLogActions } from "@bedrock-key-guard/aws/findings.ts";
import { foreignWritesActions } from "@bedrock-key-guard/aws/foreign-writes.ts";
import { holdsActions } from "@bedrock-key-guard/aws/holds.ts";
import { hubChannelActions } from "@bedrock-key-guard/aws/hub-channel.ts";
import { rolesActions } from "@bedrock-key-guard/aws/iam.ts";
import { accountDirectoryActions } from "@bedrock-key-guard/aws/iam-account.ts";
import { inventoryActions } from "@bedrock-key-guard/aws/inventory.ts";
import { journalActions } from "@bedrock-key-guard/aws/journal.ts";
import { killSwitchActions } from "@bedrock-key-guard/aws/kill-switch.ts";
import { keysActions, keyWriterActions } from "@bedrock-key-guard/aws/kms.ts";
import { namesActions } from "@bedrock-key-guard/aws/names.ts";
import { operatorCommandsActions } from "@bedrock-key-guard/aws/operator-commands.ts";
import { outboxActions } from "@bedrock-key-guard/aws/outbox.ts";
import {
  alertQueueActions,
  callersQueueActions,
  keyQueueActions,
  laterQueueActions,
  sweepQueueActions,
} from "@bedrock-key-guard/aws/queues.ts";
import { reviewLogActions } from "@bedrock-key-guard/aws/review-log.ts";
import { silencesActions } from "@bedrock-key-guard/aws/silences.ts";
import { slackQueueChannelActions } from "@bedrock-key-guard/aws/slack-queue-channel.ts";
import { subscribersActions } from "@bedrock-key-guard/aws/subscribers.ts";
import { sweepLogActions } from "@bedrock-key-guard/aws/sweep-log.ts";
import { trailsActions } from "@bedrock-key-guard/aws/trails.ts";
import { writeBudgetActions } from "@bedrock-key-guard/aws/write-budget.ts";
import { writingNotesActions } from "@bedrock-key-guard/aws/writing-notes.ts";

export type FunctionName = "intake" | "reconcile" | "callers" | "sweep" | "announce" | "notify-slack";

/** Reading an agent with its versions keeps the inventory: `seeAgent` and `remember` of the core. */
const readAgent = [
  ...Object.values(agentsActions),
  inventoryActions.agent,
  inventoryActions.record,
  inventoryActions.forget,
];

/** `noteFindings` and `noteHappenings` of the core. */
const noteFindings = [findingLogActions.of, findingLogActions.put, alertQueueActions.wake];

const calls: Readonly<Record<FunctionName, readonly (readonly string[])[]>> = {
  intake: [
    ...readAgent,
    inventoryActions.agentsOn,
    journalActions.latest,
    journalActions.since,
    foreignWritesActions.record,
    sweepLogActions.everFinished,
    keyQueueActions.lookAt,
    callersQueueActions.review,
  ],
  reconcile: [
    ...readAgent,
    inventoryActions.agentsOn,
    inventoryActions.departedFrom,
    inventoryActions.dropKey,
    ...Object.values(keysActions),
    ...Object.values(keyWriterActions),
    ...Object.values(rolesActions),
    ...Object.values(journalActions),
    ...Object.values(killSwitchActions),
    // A person lifts a hold.
    holdsActions.of,
    holdsActions.set,
    ...Object.values(writeBudgetActions),
    ...Object.values(absencesActions),
    foreignWritesActions.since,
    foreignWritesActions.settle,
    ...Object.values(operatorCommandsActions),
    ...noteFindings,
    ...Object.values(laterQueueActions),
  ],
  /** In the mode `enforce`. In the others it calls neither the identities, the writer, nor what guards its writes. */
  callers: [
    ...readAgent,
    inventoryActions.agentsOn,
    inventoryActions.keys,
    sweepLogActions.everFinished,
    ...Object.values(keysActions),
    ...Object.values(accountDirectoryActions),
    ...Object.values(callerIdentitiesActions),
    ...Object.values(callerWriterActions),
    ...Object.values(callerJournalActions),
    ...Object.values(reviewLogActions),
    ...Object.values(killSwitchActions),
    // A person lifts a hold.
    holdsActions.of,
    holdsActions.set,
    ...Object.values(writeBudgetActions),
    ...Object.values(operatorCommandsActions),
    ...Object.values(writingNotesActions),
    ...noteFindings,
    ...Object.values(callersQueueActions),
  ],
  sweep: [
    ...readAgent,
    ...Object.values(agentDirectoryActions),
    inventoryActions.keys,
    sweepLogActions.latest,
    sweepLogActions.started,
    sweepLogActions.finished,
    keyQueueActions.lookAt,
    ...Object.values(sweepQueueActions),
    callersQueueActions.review,
    ...noteFindings,
    ...Object.values(trailsActions),
    ...Object.values(subscribersActions),
  ],
  /** With every channel on. */
  announce: [
    ...Object.values(findingLogActions),
    ...Object.values(silencesActions),
    ...Object.values(outboxActions),
    ...Object.values(announcerStateActions),
    ...Object.values(namesActions),
    ...Object.values(alertQueueActions),
    ...Object.values(hubChannelActions),
    ...Object.values(slackQueueChannelActions),
    ...Object.values(chatChannelActions),
    ...Object.values(eventsActions),
  ],
  "notify-slack": [],
};

/** Sorted, each action once. */
export function actionsOf(name: FunctionName): readonly string[] {
  return [...new Set(calls[name].flat())].sort();
}
