/**
 * `npm run bench`: what judging costs. It prints ratios that travel from machine to machine, and asserts nothing.
 *
 * Each number is the fastest of several rounds: other work on the machine only ever adds time.
 */
import { judgeKey } from "../packages/core/src/key/judge.ts";
import { missingAccess, planPatch } from "../packages/core/src/key/plan.ts";
import { decide } from "../packages/core/src/policy/decide.ts";
import type { PolicyDocument } from "../packages/core/src/policy/document.ts";
import type { Agent } from "../packages/core/src/ports.ts";
import { requestsFor, requirementsOf } from "../packages/core/src/requirements/instance.ts";
import { profile } from "../packages/core/src/requirements/profiles.ts";
import { agentsOf, FACTS, KEY, read, SHAPES, type Shape } from "./policies.ts";

const ROUNDS = 20;
const ROUND_MS = 3;

/** Milliseconds for one call of each. Their rounds take turns, so that a slow moment of the machine slows both. */
function costs(...calls: readonly (() => unknown)[]): readonly number[] {
  const repeats = calls.map(repeatsFor);
  const best = calls.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, call] of calls.entries()) {
      best[i] = Math.min(best[i] ?? Number.POSITIVE_INFINITY, timed(call, repeats[i] ?? 1));
    }
  }
  return best;
}

/** How often a call is repeated to take long enough for the clock. */
function repeatsFor(call: () => unknown): number {
  let repeats = 1;
  while (timed(call, repeats) * repeats < ROUND_MS) repeats *= 2;
  return repeats;
}

function timed(call: () => unknown, repeats: number): number {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) call();
  return (performance.now() - start) / repeats;
}

const NEEDS = profile("documented");

for (const shape of SHAPES) {
  console.log(`\n${shape.name} (${Buffer.byteLength(shape.text)} bytes)`);
  oneDecision(shape);
  growth("judging (goal: ten times the agents at most 12 times)", shape, (policy, facts, agents) =>
    judgeKey(policy, facts, agents, NEEDS),
  );
  // Planning begins with the first agent that the policy does not allow: that step is no growth.
  growth("judging and planning", shape, (policy, facts, agents) => {
    const judgements = judgeKey(policy, facts, agents, NEEDS);
    return planPatch(policy, facts, missingAccess(judgements), judgements);
  });
}

console.log("\nthe callers of a large account");
await import("./callers.ts");

function oneDecision(shape: Shape): void {
  const requests = requirementsOf(KEY, agentsOf(shape, 20), NEEDS).flatMap(({ requirement, subject }) =>
    requestsFor(requirement, subject, FACTS).map((proof) => proof.request),
  );
  const request = requests[requests.length >> 1];
  if (!request) throw new Error("the benchmark has no request");
  const policy = read(shape.text);
  let next = 0;
  const [parse = 0, fromText = 0, prepared = 0] = costs(
    () => JSON.parse(shape.text),
    () => decide(read(shape.text), request),
    () => decide(policy, requests[next++ % requests.length] ?? request),
  );
  console.log(`  one decision from the text: ${(fromText / parse).toFixed(1)} times JSON.parse (goal: at most 3)`);
  console.log(`  prepared decisions: ${Math.round(1000 / prepared).toLocaleString("en")} a second`);
}

/** The time for 1, 10, 100 and 540 agents, each also as a multiple of the one before for ten times the agents. */
function growth(
  what: string,
  shape: Shape,
  run: (policy: PolicyDocument, facts: typeof FACTS, agents: readonly Agent[]) => unknown,
): void {
  console.log(`  ${what}:`);
  let former: { readonly count: number; readonly ms: number } | undefined;
  for (const count of [1, 10, 100, 540]) {
    const agents = agentsOf(shape, count);
    // Read anew each time: what a policy remembers of former questions would flatter the numbers.
    const [reading = 0, both = 0] = costs(
      () => read(shape.text),
      () => run(read(shape.text), FACTS, agents),
    );
    const ms = both - reading;
    const times = former ? ((ms / former.ms) * 10 * former.count) / count : undefined;
    const ratio = times ? `, ten times the agents cost ${times.toFixed(1)} times` : "";
    console.log(`    ${String(count).padStart(4)} agents: ${ms.toFixed(3)} ms${ratio}`);
    former = { count, ms };
  }
}
