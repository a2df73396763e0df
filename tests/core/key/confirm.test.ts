import { describe, expect, test } from "vitest";
import type { AgentId } from "../../../packages/core/src/arn.ts";
import { confirmAgents } from "../../../packages/core/src/key/confirm.ts";
import { NO_ACCESS } from "../../../packages/core/src/key/own-access.ts";
import { effectiveMode, isMode, type Mode } from "../../../packages/core/src/key/rails.ts";
import { agent, KEY, OTHER_ROLE, ROLE, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const NOBODY: ReadonlySet<AgentId> = new Set();

describe("before a write", () => {
  test("the agents that it is for are read live, and no others", async () => {
    const world = new World().put(A, B);
    for (const [adds, seen] of [
      [{ ...NO_ACCESS, agents: [A.arn] }, [A.id]],
      [{ ...NO_ACCESS, roles: [OTHER_ROLE] }, [B.id]],
      [{ ...NO_ACCESS, agents: [A.arn], roles: [OTHER_ROLE] }, [A.id, B.id]],
    ] as const) {
      expect(await confirmAgents(KEY, adds, [A, B], NOBODY, world)).toEqual({ kind: "as-known", seen });
    }
  });

  test("an agent that was read in this look is not read again", async () => {
    const world = new World().put(A, B);
    const adds = { ...NO_ACCESS, agents: [A.arn, B.arn] };
    expect(await confirmAgents(KEY, adds, [A, B], new Set([A.id]), world)).toEqual({ kind: "as-known", seen: [B.id] });
    expect(await confirmAgents(KEY, adds, [A, B], new Set([A.id, B.id]), world)).toEqual({
      kind: "as-known",
      seen: [],
    });
  });

  test("grants alone ask for one agent that is really there", async () => {
    const world = new World().put(A, B);
    expect(await confirmAgents(KEY, { ...NO_ACCESS, grants: true }, [A, B], NOBODY, world)).toEqual({
      kind: "as-known",
      seen: [A.id],
    });
  });

  test("an agent without a role is not taken for one of a role", async () => {
    const bare = agent("CCCCCCCCCC", { roleArn: undefined });
    const world = new World().put(bare, A);
    const confirmed = await confirmAgents(KEY, { ...NO_ACCESS, roles: [ROLE] }, [bare, A], NOBODY, world);
    expect(confirmed).toEqual({ kind: "as-known", seen: [A.id] });
  });

  test("what changed is in the inventory afterwards", async () => {
    const world = new World().put(A, B);
    world.live.set(A.id, { ...A, roleArn: OTHER_ROLE });
    world.live.delete(B.id);
    const adds = { ...NO_ACCESS, agents: [A.arn, B.arn] };
    expect(await confirmAgents(KEY, adds, [A, B], NOBODY, world)).toEqual({ kind: "changed", seen: [A.id, B.id] });
    expect(world.known.get(A.id)?.agent.roleArn).toBe(OTHER_ROLE);
    expect(world.known.has(B.id)).toBe(false);
  });

  test("an agent that may not be read stops the confirmation", async () => {
    const world = new World().put(A, B);
    world.deniedAgents.add(A.id);
    const confirmed = await confirmAgents(KEY, { ...NO_ACCESS, agents: [A.arn, B.arn] }, [A, B], NOBODY, world);
    expect(confirmed).toEqual({ kind: "denied", id: A.id, message: expect.stringContaining("not authorized") });
  });

  test("of many agents twenty-five are read", async () => {
    const many = Array.from({ length: 40 }, (_, i) => agent(`AAAAAAAA${String(i).padStart(2, "0")}`));
    const world = new World().put(...many);
    const adds = { ...NO_ACCESS, agents: many.map(({ arn }) => arn) };
    const confirmed = await confirmAgents(KEY, adds, many, NOBODY, world);
    expect(confirmed).toEqual({ kind: "as-known", seen: many.slice(0, 25).map(({ id }) => id) });
  });
});

describe("the mode for a key", () => {
  const MODES: readonly Mode[] = ["off", "observe", "propose", "enforce"];

  test("is the weaker of the deployment's and the tag's", () => {
    for (const [i, deployment] of MODES.entries()) {
      expect(effectiveMode(deployment, "t", new Map())).toEqual({ mode: deployment, reason: undefined });
      for (const [j, tag] of MODES.entries()) {
        const { mode, reason } = effectiveMode(deployment, "t", new Map([["t", ` ${tag.toUpperCase()} `]]));
        expect(mode).toBe(MODES[Math.min(i, j)]);
        expect(reason).toBe(j < i ? `the key's tag \`t\` says \`${tag}\`` : undefined);
      }
    }
  });

  test("is observe at most where the tag says what is no mode", () => {
    const tags = new Map([["t", "x".repeat(100)]]);
    for (const [deployment, mode] of [
      ["off", "off"],
      ["observe", "observe"],
      ["propose", "observe"],
      ["enforce", "observe"],
    ] as const) {
      const effective = effectiveMode(deployment, "t", tags);
      expect(effective).toEqual({
        mode,
        reason: `the key's tag \`t\` has the value \`${"x".repeat(64)}\`, which is no mode`,
      });
    }
  });

  test("is one of four words", () => {
    expect(MODES.every(isMode)).toBe(true);
    expect(["", "Enforce", "toString", "on"].some(isMode)).toBe(false);
  });
});
