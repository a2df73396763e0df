import { type KeyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import { planRollback, type RollbackPlan, rollBack } from "@bedrock-key-guard/core/key/rollback.ts";
import type { WriteResult } from "@bedrock-key-guard/core/key/write.ts";
import type { KeyWriter } from "@bedrock-key-guard/core/ports.ts";
import { changeBetween, changeInWords } from "./change.ts";
import type { Guard } from "./guard.ts";
import { CHANGED_MEANWHILE, type Tried, tracedHolds, type Undo, type Undone } from "./undo.ts";

type Ready = Extract<RollbackPlan, { kind: "ready" }>;

export async function undoOfKey(
  key: KeyArn,
  entryId: string | undefined,
  guard: Guard,
): Promise<Undo | Exclude<RollbackPlan, Ready>> {
  const plan = await planRollback(key, entryId, guard);
  if (plan.kind === "refused") return plan;
  const { entry, live, diff } = plan;
  return {
    kind: "ready",
    entry,
    what: changeInWords(changeBetween(live, entry.before)),
    between: [
      "From the policy as it is to the one before that entry:",
      ...(diff.length > 0 ? diff.map((text) => `  ${text}`) : ["  no statement differs; what surrounds them does"]),
    ],
    warning: "Agents that use this key may lose access to it, and fail.",
    carryOut: async (by, tried) => {
      const ports = { ...guard, holds: tracedHolds(guard.holds, tried), writer: traced(guard.writer, tried) };
      return described(await rollBack(plan, by, ports), plan, guard);
    },
  };
}

function traced(writer: KeyWriter, tried: Tried): KeyWriter {
  return {
    putPolicy: (key, text) => {
      tried.put = true;
      return writer.putPolicy(key, text);
    },
  };
}

function described(result: WriteResult, { entry: { key } }: Ready, { commands }: Guard): Undone {
  switch (result.kind) {
    case "verified":
      return {
        result: "verified",
        entry: result.entry.id,
        says: `done: KMS shows the former policy. The guard leaves the key alone until someone runs:\n  ${commands.resumeKey(key)}`,
      };
    case "unverified":
      return {
        result: "unverified",
        entry: result.entry.id,
        says: `KMS took the former policy, and does not show it yet. The guard leaves the key alone, and settles the entry when it next looks at the key. See whether it stands:\n  ${commands.history(key)}`,
      };
    case "changed-meanwhile":
      return { result: "changed-meanwhile", says: CHANGED_MEANWHILE };
    case "throttled":
      return {
        result: "throttled",
        says: `nothing was written: KMS is asked too often in ${partsOf(key).region} just now; run the command again`,
      };
    case "refused":
      return { result: "refused", says: `nothing was written: KMS refused with \`${result.code}\`: ${result.message}` };
    default:
      return result satisfies never;
  }
}
