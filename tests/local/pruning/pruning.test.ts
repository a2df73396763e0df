/** What the guard gave is taken back only minutes after it was first found to be unneeded: by a clock that is as fast. */
import { DeleteAgentCommand } from "@aws-sdk/client-bedrock-agent";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAgent, createKey, createRole } from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";

const MINUTE = 60_000;

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    { timeScale: 300, clock: "compressed" },
  );
  await theatre.settle();
});
afterAll(() => theatre.stop());

test("a deleted agent's access leaves its key five minutes after it was found gone, the other agent's stays", async () => {
  const { developer } = theatre.people;
  const { stack, world } = theatre.laptop;
  const key = await createKey(developer);
  const leaving = await createAgent(developer, "leaving-bot", key, await createRole(developer, "Role-leaving"));
  const staying = await createAgent(developer, "staying-bot", key, await createRole(developer, "Role-staying"));
  await theatre.settle();
  expect(world.policy(key)).toContain(leaving.arn);

  const from = stack.logs.length;
  await developer.agents.send(new DeleteAgentCommand({ agentId: leaving.id, skipResourceInUseCheck: true }));
  await theatre.settle();

  expect(world.policy(key)).not.toContain(leaving.arn);
  expect(world.policy(key)).toContain(staying.arn);
  // That no agent at all needs the role is known when a sweep has read them all.
  expect(world.policy(key)).toContain("Role-leaving");

  const lines = stack.logs.slice(from).filter(({ line }) => line.startsWith("{"));
  const said = lines.map(({ line }) => JSON.parse(line) as { message?: string; reason?: string; timestamp: string });
  const waits = said.filter(
    ({ message, reason }) => message === "looked at again later" && reason?.includes("confirmed once more"),
  );
  const repaired = said.findLast(({ message }) => message === "a key was looked at");
  expect(waits).toHaveLength(1);
  const apart = Date.parse(repaired?.timestamp ?? "") - Date.parse(waits[0]?.timestamp ?? "");
  expect(apart).toBeGreaterThanOrEqual(5 * MINUTE);

  await sweepNow(stack);
  await theatre.settle();
  expect(world.policy(key)).not.toContain("Role-leaving");
  expect(world.policy(key)).toContain("Role-staying");
});
