/** Names come from outside: whatever they are, a message stays within its channel's rules and says nothing in their stead. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import { attributesOf } from "../../../packages/core/src/channel/attributes.ts";
import { chatNotificationOf } from "../../../packages/core/src/channel/chat.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { slackMessageOf } from "../../../packages/core/src/channel/slack.ts";
import { ATTRIBUTES, CHAT, SLACK, SUBJECT } from "./rules.ts";
import { allSamples } from "./samples.ts";

const samples = await allSamples();

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom(
    "<!channel>",
    "<https://evil.example/|click here>",
    "```\nend of code",
    "*bold* _it_ ~gone~ `code`",
    "a\nSubject: other\r\n\r\nWhat to do\n  aws kms delete",
    "\u202eexe.txt",
    "\u2028\u2029\u0000\u001b[31m",
    "x".repeat(10_000),
    "😀".repeat(5_000),
    "&lt;!here&gt;",
    "",
  ),
);

const alerts = fc
  .record({
    of: fc.constantFrom(...samples.map(({ alert }) => alert)),
    name: nasty,
    title: nasty,
    detail: nasty,
    actor: nasty,
    alias: nasty,
    step: nasty,
  })
  .map(
    ({ of, name, title, detail, actor, alias, step }): Alert => ({
      ...of,
      headline: `h ${title}`,
      subject: title,
      account: { ...of.account, alias },
      agents: of.agents.map((one) => ({ ...one, name })),
      keys: of.keys.map((one) => ({ ...one, aliases: [alias] })),
      causes: of.causes.map((cause) =>
        cause.kind === "event" ? { ...cause, actor: { ...cause.actor, sessionName: actor } } : cause,
      ),
      findings: of.findings.map((one) => ({
        ...one,
        title: `t ${title}`,
        detail: one.detail === "" ? "" : `d ${detail}`,
        evidence: [detail],
        diff: [`+ ${name}`],
      })),
      sections: of.sections.map((one) => ({ ...one, lines: [`l ${name}`] })),
      nextSteps: [...of.nextSteps, `s ${step}`],
    }),
  );

const check = (law: (alert: Alert) => void) =>
  fc.assert(
    fc.property(alerts, (alert) => void law(alert)),
    { numRuns: 300 },
  );

/** What Slack and Amazon Q would act on: a mention, a link with another text. */
const ACTIVE = /<[!@#]|<[^>]*\|/;
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u;

test("an email keeps SNS's rules, and nothing begins a line but what the guard says", () => {
  check((alert) => {
    const { subject, text } = emailOf(alert);
    expect(SUBJECT.safeParse(subject).success).toBe(true);
    expect(text).not.toMatch(UNSEEN);
    expect(text.length).toBeLessThan(240_000);
    // What comes from outside stands indented, or behind the guard's own words.
    for (const line of text.split("\n")) expect(line.startsWith("Subject:") || line.startsWith("aws ")).toBe(false);
    expect(text.split("\n").filter((line) => line === "What to do").length).toBeLessThanOrEqual(1);
  });
});

test("a message of Slack keeps Slack's rules, mentions nobody and links nowhere else", () => {
  check((alert) => {
    const message = slackMessageOf(alert);
    expect(SLACK.safeParse(message).error).toBeUndefined();
    const texts = JSON.stringify(message);
    for (const [, shown] of texts.matchAll(/<(https:[^|>]*)\|/g))
      expect(shown).toMatch(/^https:\/\/[\w.-]*aws\.amazon\.com\//);
    expect(texts).not.toMatch(/<[!@#]/);
  });
});

test("a notification of Amazon Q keeps its rules, mentions nobody and links nowhere else", () => {
  check((alert) => {
    const notification = chatNotificationOf(alert);
    expect(CHAT.safeParse(notification).error).toBeUndefined();
    expect(JSON.stringify(notification)).not.toMatch(ACTIVE);
    const fences = notification.content.description.split("```").length - 1;
    expect(fences % 2).toBe(0);
  });
});

test("attributes keep SNS's rules", () => {
  check((alert) => expect(ATTRIBUTES.safeParse(attributesOf(alert)).error).toBeUndefined());
});
