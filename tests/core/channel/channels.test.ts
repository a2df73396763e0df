/**
 * Every kind of finding and of alert, as each channel shows it. Written anew with `vitest run tests/core/channel -u`: read the
 * difference.
 */
import { describe, expect, test } from "vitest";
import { attributesOf } from "../../../packages/core/src/channel/attributes.ts";
import { chatNotificationOf } from "../../../packages/core/src/channel/chat.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { busEventOf } from "../../../packages/core/src/channel/event.ts";
import { slackMessageOf } from "../../../packages/core/src/channel/slack.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";
import { ATTRIBUTES, CHAT, SLACK, SUBJECT } from "./rules.ts";
import { allSamples } from "./samples.ts";

const samples = await allSamples();
const golden = (name: string, channel: string) => `../../cases/channels/${name}.${channel}`;
const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

test("there is a sample of each kind of finding", () => {
  const kinds = new Set(samples.flatMap(({ alert }) => alert.findings.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual([...FINDING_KINDS].sort());
});

describe.for(samples)("$name", ({ name, alert, event }) => {
  test("is an email", async () => {
    const { subject, text } = emailOf(alert);
    expect(SUBJECT.safeParse(subject).error).toBeUndefined();
    await expect(`Subject: ${subject}\n\n${text}`).toMatchFileSnapshot(golden(name, "email.txt"));
  });

  test("is a message that Slack takes", async () => {
    const message = slackMessageOf(alert);
    expect(SLACK.safeParse(message).error).toBeUndefined();
    await expect(json(message)).toMatchFileSnapshot(golden(name, "slack.json"));
  });

  test("is a custom notification of Amazon Q", async () => {
    const notification = chatNotificationOf(alert);
    expect(CHAT.safeParse(notification).error).toBeUndefined();
    await expect(json(notification)).toMatchFileSnapshot(golden(name, "chat.json"));
  });

  test("has attributes to filter by", async () => {
    const attributes = attributesOf(alert);
    expect(ATTRIBUTES.safeParse(attributes).error).toBeUndefined();
    await expect(json(attributes)).toMatchFileSnapshot(golden(name, "attributes.json"));
  });

  if (event) {
    test("is an event", async () => {
      await expect(json(busEventOf(event))).toMatchFileSnapshot(golden(name, "event.json"));
    });
  }

  test("says what is wrong, where and what to do, and gives the command that mends it or hears no more of it", () => {
    const { text } = emailOf(alert);
    expect(text).toContain(alert.headline.split(":")[0]);
    expect(text).toContain("account: 111122223333");
    if (alert.kind === "resolved") return;
    expect(alert.nextSteps.length + alert.wayBack.length).toBeGreaterThan(0);
  });
});
