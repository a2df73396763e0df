/** The runbook's way out: what the guard wrote is taken from a key's policy by the commands of its page. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { createAgent, createKey, createRole } from "../../../packages/local/src/scenes/acts.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { openShell, type Shell } from "./shell.ts";

let theatre: Theatre;
let shell: Shell;
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    { timeScale: 120, clock: "compressed" },
  );
  await theatre.settle();
  shell = openShell(theatre);
});
afterAll(async () => {
  shell.close();
  await theatre.stop();
});

async function run(line: string | undefined): Promise<string> {
  if (line === undefined) throw new Error("the runbook has no such command");
  const { code, out, err } = await shell.run(line);
  expect(code, `${line}\n${err}`).toBe(0);
  return out;
}

test("the guard's statements leave every key that it knew, the others stay, and a paused guard lets it be", async () => {
  const { developer } = theatre.people;
  const { account, world } = theatre.laptop;
  const root = { Sid: "Root", Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` } };
  const before = { Version: "2012-10-17", Statement: { ...root, Action: "kms:*", Resource: "*" } };
  const keys = [await createKey(developer), await createKey(developer, JSON.stringify(before))];
  const former = keys.map((key) => policyDigest(world.policy(key)));
  for (const [index, key] of keys.entries()) {
    await createAgent(developer, `bot-${index}`, key, await createRole(developer, `Role-${index}`));
  }
  await theatre.settle();
  for (const key of keys) expect(world.policy(key)).toContain("BedrockKeyGuard");

  const listed = await run(shell.shown("aws dynamodb query")[0]);
  expect(listed.trim().split("\t").sort()).toEqual([...keys].sort());

  await run(shell.shown("aws dynamodb put-item")[0]);
  for (const key of keys) {
    const names = { KEY_ID: key.split("key/")[1] ?? "" };
    const read = shell.shown("aws kms get-key-policy", names).find((line) => line.endsWith("> with.json"));
    await run(read);
    await run(shell.shown("node -e", names)[0]);
    await run(shell.shown("aws kms put-key-policy", names)[0]);
  }
  await theatre.settle();
  expect(keys.map((key) => policyDigest(world.policy(key)))).toEqual(former);
});
