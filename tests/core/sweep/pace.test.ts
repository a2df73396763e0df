import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AgentId } from "../../../packages/core/src/arn.ts";
import { CALLS_A_SECOND, intervalOf, paced } from "../../../packages/core/src/sweep/pace.ts";
import { runs } from "../laws/runs.ts";

type Operation = keyof typeof CALLS_A_SECOND;

interface Call {
  readonly operation: Operation;
  /** Milliseconds. */
  readonly asked: number;
  readonly made: number;
}

const OPERATIONS = Object.keys(CALLS_A_SECOND) as Operation[];
const ID = "AAAAAAAAAA" as AgentId;
const PAGE = { ids: [], nextToken: undefined };
const START = Date.parse("2026-11-23T10:00:00.000Z");

/** Bedrock with a clock that moves only when someone sleeps, or works. */
function bedrock(share: number) {
  let now = START;
  const calls: Call[] = [];
  let asked = now;
  const clock = {
    now: () => new Date(now).toISOString(),
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const made = <T>(operation: Operation, answer: T) => {
    calls.push({ operation, asked, made: now });
    return Promise.resolve(answer);
  };
  const ports = paced(
    {
      agents: {
        get: () => made("GetAgent", { kind: "not-found" } as const),
        versions: () => made("ListAgentVersions", { kind: "not-found" } as const),
        version: () => made("GetAgentVersion", { kind: "not-found" } as const),
      },
      directory: { list: () => made("ListAgents", PAGE) },
    },
    share,
    clock,
  );
  const call = async (operation: Operation) => {
    asked = now;
    if (operation === "GetAgent") await ports.agents.get(ID);
    if (operation === "ListAgentVersions") await ports.agents.versions(ID);
    if (operation === "GetAgentVersion") await ports.agents.version(ID, "1");
    if (operation === "ListAgents") await ports.directory.list(undefined);
  };
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { calls, call, pass };
}

const shares = fc.oneof(fc.constantFrom(1, 1 / 2, 1 / 3, 1 / 30), fc.double({ min: 0.005, max: 1, noNaN: true }));
/** Which operation is called, and how long the caller is busy afterwards. */
const work = fc.array(fc.tuple(fc.constantFrom(...OPERATIONS), fc.oneof(fc.constant(0), fc.nat(50), fc.nat(3_000))), {
  minLength: 1,
  maxLength: 80,
});

async function callsOf(share: number, steps: readonly (readonly [Operation, number])[]): Promise<readonly Call[]> {
  const { calls, call, pass } = bedrock(share);
  for (const [operation, busy] of steps) {
    await call(operation);
    pass(busy);
  }
  return calls;
}

describe("the sweep's pace", () => {
  test("in any second, an operation is called no more often than its share of its quota, but once", async () => {
    await fc.assert(
      fc.asyncProperty(shares, work, async (share, steps) => {
        const calls = await callsOf(share, steps);
        for (const { operation, made } of calls) {
          const second = calls.filter((c) => c.operation === operation && c.made >= made && c.made < made + 1_000);
          expect(second.length).toBeLessThanOrEqual(Math.max(1, share * CALLS_A_SECOND[operation]));
        }
      }),
      runs(300),
    );
  });

  test("a call waits until its operation's interval has passed, and not a moment longer, whatever else is called", async () => {
    await fc.assert(
      fc.asyncProperty(shares, work, async (share, steps) => {
        const last = new Map<Operation, number>();
        for (const { operation, asked, made } of await callsOf(share, steps)) {
          const before = last.get(operation);
          const interval = intervalOf(CALLS_A_SECOND[operation] * share);
          expect(made).toBe(before === undefined ? asked : Math.max(asked, before + interval));
          expect(made - asked).toBeLessThanOrEqual(interval);
          last.set(operation, made);
        }
      }),
      runs(300),
    );
  });

  test("calls that are made at once come one after the other, each in its turn", async () => {
    const { calls, call } = bedrock(1 / 3);
    await Promise.all([call("GetAgent"), call("GetAgent"), call("GetAgent"), call("GetAgent")]);
    expect(calls.map(({ made }) => made - START)).toEqual([0, 200, 400, 600]);
  });

  test("a call whose wait fails takes its turn with it, and not those of the others", async () => {
    let failing = false;
    let now = START;
    const clock = {
      now: () => new Date(now).toISOString(),
      sleep: async (milliseconds: number) => {
        if (failing) throw new Error("no timer");
        now += milliseconds;
      },
    };
    const found = { kind: "not-found" } as const;
    const get = async () => found;
    const ports = { agents: { get, versions: get, version: get }, directory: { list: async () => PAGE } };
    const { agents } = paced(ports, 1, clock);
    await agents.get(ID);
    failing = true;
    await expect(agents.get(ID)).rejects.toThrow("no timer");
    failing = false;
    expect(await agents.get(ID)).toEqual(found);
  });

  test("a clock that is set back makes no call wait for longer than the interval", async () => {
    const { calls, call, pass } = bedrock(1 / 3);
    await call("GetAgent");
    pass(-3_600_000);
    await call("GetAgent");
    const [, second] = calls;
    expect(second && second.made - second.asked).toBe(200);
  });

  test("a third of the quotas is five GetAgent and three of the others a second", () => {
    expect(OPERATIONS.map((operation) => [operation, intervalOf(CALLS_A_SECOND[operation] / 3)])).toEqual([
      ["ListAgents", 334],
      ["GetAgent", 200],
      ["ListAgentVersions", 334],
      ["GetAgentVersion", 334],
    ]);
  });

  test("a share of nothing is refused: the sweep would never end", () => {
    for (const share of [0, -1, Number.NaN]) expect(() => intervalOf(share)).toThrow("give a share above 0");
  });
});
