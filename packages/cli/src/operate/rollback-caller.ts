import type { CallerArn } from "@bedrock-key-guard/core/arn.ts";
import { OWN_POLICY } from "@bedrock-key-guard/core/callers/own-policy.ts";
import type { CallerWriter } from "@bedrock-key-guard/core/callers/ports.ts";
import {
  type CallerRollbackPlan,
  type CallerRollbackResult,
  planCallerRollback,
  rollBackCaller,
} from "@bedrock-key-guard/core/callers/rollback.ts";
import { accessInWords } from "./change.ts";
import type { Guard } from "./guard.ts";
import { callerSubject, nounOf } from "./subject.ts";
import { CHANGED_MEANWHILE, type Tried, tracedHolds, type Undo, type Undone } from "./undo.ts";

type Ready = Extract<CallerRollbackPlan, { kind: "ready" }>;

export async function undoOfCaller(
  caller: CallerArn,
  entryId: string | undefined,
  guard: Guard,
): Promise<Undo | Exclude<CallerRollbackPlan, Ready>> {
  const plan = await planCallerRollback(caller, entryId, guard.callers);
  if (plan.kind === "refused") return plan;
  const { entry, diff } = plan;
  return {
    kind: "ready",
    entry,
    what: accessInWords(diff),
    between: [
      entry.before === undefined
        ? `Its inline policy \`${OWN_POLICY}\` is deleted:`
        : `Its inline policy \`${OWN_POLICY}\` becomes what it was before that entry:`,
      ...(diff.length > 0 ? diff.map((text) => `  ${text}`) : ["  no access differs"]),
    ],
    warning: "It may lose the use of its agents' keys, and InvokeAgent then fails for it.",
    carryOut: async (by, tried) => {
      const { callerJournal, identities, writer } = guard.callers;
      const { clock, writing } = guard;
      const holds = tracedHolds(guard.holds, tried);
      const ports = { callerJournal, identities, writer: traced(writer, tried), clock, writing, holds };
      return described(await rollBackCaller(plan, by, ports), plan, guard);
    },
  };
}

function traced(writer: CallerWriter, tried: Tried): CallerWriter {
  return {
    put: (caller, text) => {
      tried.put = true;
      return writer.put(caller, text);
    },
    remove: (caller) => {
      tried.put = true;
      return writer.remove(caller);
    },
  };
}

function described(result: CallerRollbackResult, { entry: { caller } }: Ready, { commands }: Guard): Undone {
  const noun = nounOf(callerSubject(caller));
  switch (result.kind) {
    case "written":
      return {
        result: "written",
        entry: result.entry.id,
        says: `done: IAM took the former policy. The guard leaves the ${noun} alone until someone runs:\n  ${commands.resume(caller)}`,
      };
    case "changed-meanwhile":
      return { result: "changed-meanwhile", says: CHANGED_MEANWHILE };
    case "throttled":
      return {
        result: "throttled",
        says: "nothing was written: IAM is asked too often just now; run the command again",
      };
    case "gone":
      return { result: "gone", says: `nothing was written: the ${noun} was deleted meanwhile` };
    case "denied":
      return { result: "denied", says: `nothing was written: the policy can't be read any more: ${result.message}` };
    case "refused":
      return { result: "refused", says: `nothing was written: IAM refused with \`${result.code}\`: ${result.message}` };
    default:
      return result satisfies never;
  }
}
