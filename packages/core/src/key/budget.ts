/**
 * How often the guard may write. Reserved before the write, key first, then account, by conditional updates: two functions
 * can't both take the last one. Never given back: what failed halfway may have written.
 */
import type { KeyArn } from "../arn.ts";
import type { Clock, WriteBudget } from "../ports.ts";
import type { WriteBudgets } from "./rails.ts";

export type Reservation =
  | { readonly kind: "reserved" }
  | { readonly kind: "spent"; readonly of: "key" | "account"; readonly limit: number };

export async function reserveWrite(
  key: KeyArn,
  budgets: WriteBudgets,
  ports: { readonly budget: WriteBudget; readonly clock: Clock },
): Promise<Reservation> {
  const hour = ports.clock.now().slice(0, "2026-11-23T10".length);
  const { keyPerHour, accountPerHour } = budgets;
  if ((await ports.budget.reserve(key, hour, keyPerHour)) === "spent") {
    return { kind: "spent", of: "key", limit: keyPerHour };
  }
  if ((await ports.budget.reserve("account", hour, accountPerHour)) === "spent") {
    return { kind: "spent", of: "account", limit: accountPerHour };
  }
  return { kind: "reserved" };
}
