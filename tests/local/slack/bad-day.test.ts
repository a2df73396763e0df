/** The deployed stack while Slack is down, slow and overloaded: repairs go on, and what it missed arrives, once, in order. */
import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAgent, createKey, createRole, type MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    { timeScale: 120, clock: "compressed" },
  );
  await theatre.settle();
});
afterAll(() => theatre.stop());

async function newAgent(name: string): Promise<MadeAgent> {
  const { developer } = theatre.people;
  return createAgent(developer, name, await createKey(developer), await createRole(developer, `Role-${name}`));
}

const isRepaired = ({ keyArn, arn }: MadeAgent) => theatre.laptop.world.policy(keyArn).includes(arn);

test("a channel that is down delays no repair; nothing is lost or doubled, and each finding's end comes behind its beginning", {
  timeout: 120_000,
}, async () => {
  const { slack, stack } = theatre.laptop;
  const { kms } = theatre.people.developer;
  const before = { posts: slack.posted.length, mails: stack.mailbox.length };
  slack.always({ kind: "hangs" });
  const agent = await newAgent("shown-anyway");
  const started = slack.requests();
  await expect.poll(() => isRepaired(agent), { timeout: 20_000 }).toBe(true);
  // Email has it while Slack still hangs.
  const hasMail = () => stack.mailbox.slice(before.mails).some(({ text }) => text.includes(agent.keyArn));
  await expect.poll(hasMail, { timeout: 20_000 }).toBe(true);
  expect(slack.posted).toHaveLength(before.posts);
  await expect.poll(() => slack.requests(), { timeout: 20_000 }).toBeGreaterThan(started);

  slack.always({ kind: "takes" });
  slack.misbehave(
    { kind: "answers", status: 429, text: "rate_limited", seconds: 1 },
    { kind: "answers", status: 500, text: "x" },
    { kind: "breaks" },
    { kind: "takes" },
    { kind: "answers", status: 503, text: "x" },
  );
  await kms.send(new DisableKeyCommand({ KeyId: agent.keyArn }));
  await theatre.settle();
  await kms.send(new EnableKeyCommand({ KeyId: agent.keyArn }));
  await theatre.settle();

  const mails = stack.mailbox.slice(before.mails).filter(({ text }) => text.includes(agent.keyArn));
  const idOf = (text: string) => /\b(?:alert|reminder|digest)-[0-9a-f]{16}\b/.exec(text)?.[0];
  const posts = slack.posted.slice(before.posts).map((post) => JSON.stringify(post));
  const about = posts.filter((post) => post.includes(agent.keyArn));
  // The same alerts as by email, each once, in the same order.
  expect(about.map(idOf)).toEqual(mails.map(({ text }) => idOf(text)));
  expect(new Set(about.map(idOf)).size).toBe(about.length);
  const begins = about.findIndex((post) => post.includes("the key is disabled") && !post.includes("RESOLVED"));
  const ends = about.findIndex((post) => post.includes("RESOLVED"));
  expect(begins).toBeGreaterThanOrEqual(0);
  expect(ends).toBeGreaterThan(begins);
  expect(stack.queue("bedrock-key-guard-local-slack-dlq.fifo").depth().visible).toBe(0);
});
