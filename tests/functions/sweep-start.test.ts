import { describe, expect, test } from "vitest";
import { startFromInvocation } from "../../packages/functions/src/sweep-message.ts";
import { memoryPorts } from "./fakes.ts";

/** Ports whose queue refuses the first `refusals` messages, as for a role that IAM does not tell of yet. */
function portsThatRefuse(refusals: number) {
  const { ports, pages, log } = memoryPorts([]);
  const slept: number[] = [];
  let tries = 0;
  return {
    pages,
    log,
    slept,
    tries: () => tries,
    ports: {
      ...ports,
      clock: {
        ...ports.clock,
        sleep: async (milliseconds: number) => {
          slept.push(milliseconds);
        },
      },
      sweepQueue: {
        ...ports.sweepQueue,
        page: async (page: (typeof pages)[number]) => {
          tries += 1;
          if (tries <= refusals) throw new Error(`refused for the ${tries}. time`);
          await ports.sweepQueue.page(page);
        },
      },
    },
  };
}

const start = { v: 1, kind: "start" };

describe("the invocation after a deployment", () => {
  test("starts a sweep at once where nothing stands in the way", async () => {
    const { ports, pages, slept } = portsThatRefuse(0);
    await startFromInvocation(start, "request-1", ports);
    expect([pages.length, slept]).toEqual([1, []]);
  });

  test("waits, longer each time, until the role's permissions are known", async () => {
    const { ports, pages, slept, log } = portsThatRefuse(4);
    await startFromInvocation(start, "request-1", ports);
    expect(pages).toMatchObject([{ sweepId: "request-1", pageNumber: 1, nextToken: undefined, unread: 0 }]);
    expect(slept).toEqual(slept.toSorted((a, b) => a - b));
    expect(new Set(slept).size).toBe(4);
    expect(log.lines.filter(({ message }) => message.includes("could not be started"))).toHaveLength(4);
  });

  test("gives up with the last error within half a minute, well before the function's time is up", async () => {
    const { ports, pages, slept, tries } = portsThatRefuse(99);
    await expect(startFromInvocation(start, "request-1", ports)).rejects.toThrow("refused for the 5. time");
    expect([pages, tries()]).toEqual([[], 5]);
    expect(slept.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(30_000);
  });

  test("does not try again what can't be read", async () => {
    const { ports, slept, tries } = portsThatRefuse(99);
    await expect(startFromInvocation({ v: 1 }, "request-1", ports)).rejects.toThrow("can't be read");
    expect([slept, tries()]).toEqual([[], 0]);
  });
});
