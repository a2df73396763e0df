/** Whatever stands in names, tags, policies and answers: it arrives harmless in every channel, and what matters arrives. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import type { FindingEvent } from "../../../packages/core/src/alert/ports.ts";
import { attributesOf } from "../../../packages/core/src/channel/attributes.ts";
import { chatNotificationOf } from "../../../packages/core/src/channel/chat.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { slackMessageOf } from "../../../packages/core/src/channel/slack.ts";
import { COMMAND, hostileAlert, hostileFinding, hostileText, TRICKS } from "./hostile.ts";
import { ofAlert, ofEvent } from "./renderings.ts";
import { allSamples } from "./samples.ts";

const [SAMPLE] = await allSamples();
if (!SAMPLE) throw new Error("there are no samples");

/** A known alert whose names, titles and reasons are this text. */
function saying(text: string): Alert {
  const { alert } = SAMPLE as { readonly alert: Alert };
  return {
    ...alert,
    subject: text,
    headline: text,
    account: { ...alert.account, alias: text },
    keys: alert.keys.map((key) => ({ ...key, aliases: [text] })),
    agents: alert.agents.map((agent) => ({ ...agent, name: text })),
    causes: [{ kind: "person", id: "1", by: text, reason: text, at: alert.at }],
    findings: alert.findings.map((finding) => ({ ...finding, title: text, detail: text })),
    sections: [{ title: text, lines: [text, text] }],
  };
}

const linesIn = (text: string) => text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).length;

describe.each(Object.entries(TRICKS))("a name that %s", (_what, text) => {
  test("is taken by every channel, and shown as text", () => {
    for (const { channel, faults } of ofAlert(saying(text))) expect(faults, channel).toEqual([]);
  });

  test("stays one line", () => {
    const [hostile, harmless] = [saying(text), saying("harmless")];
    expect(linesIn(emailOf(hostile).text)).toBe(linesIn(emailOf(harmless).text));
    const inSlack = (alert: Alert) => linesIn(slackMessageOf(alert).blocks.flatMap(textsOf).join(""));
    expect(inSlack(hostile)).toBe(inSlack(harmless));
    const inChat = (alert: Alert) => linesIn(chatNotificationOf(alert).content.description);
    expect(inChat(hostile)).toBe(inChat(harmless));
  });
});

function textsOf(block: ReturnType<typeof slackMessageOf>["blocks"][number]): readonly string[] {
  if (block.type === "context") return block.elements.map(({ text }) => text);
  return [block.text.text];
}

describe("any alert", () => {
  test("is one that every channel takes", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        for (const { channel, faults } of ofAlert(alert)) expect(faults, channel).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("says about whom it is, in which account, and what to do, whatever has to be cut", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        for (const { channel, text } of ofAlert(alert)) {
          if (channel === "attributes") continue;
          for (const needed of [alert.agents[0]?.id, alert.keys[0]?.arn, alert.account.id, COMMAND, alert.id]) {
            expect(text, channel).toContain(needed);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("has a subject that says how bad it is", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        const said = alert.kind === "resolved" || alert.kind === "digest" ? alert.kind : alert.severity;
        expect(emailOf(alert).subject.startsWith(`[bedrock-key-guard] ${said}:`)).toBe(true);
      }),
    );
  });

  test("has attributes that are words of the guard and names of AWS, nothing that somebody wrote", () => {
    fc.assert(
      fc.property(hostileAlert, hostileText, (alert, text) => {
        const renamed = { ...alert, subject: text, headline: text, sections: [], causes: [] };
        expect(attributesOf(renamed)).toEqual(attributesOf(alert));
      }),
    );
  });
});

describe("an event", () => {
  const event: fc.Arbitrary<FindingEvent> = fc.record({
    id: fc.constant("4174e3ecb842-3"),
    at: fc.constant("2026-11-23T10:00:00.000Z"),
    finding: hostileFinding.map((finding) => ({
      ...finding,
      title: `x${finding.title}`,
      detail: `x${finding.detail}`,
    })),
    causes: hostileAlert.map(({ causes }) => causes as FindingEvent["causes"]).filter((causes) => causes.length > 0),
    account: fc.constant("111122223333" as FindingEvent["account"]),
    region: fc.constant("eu-west-1"),
    mode: fc.constant("enforce" as const),
  });

  test("is small enough for ten of them in one call, and keeps its form", () => {
    fc.assert(
      fc.property(event, (one) => {
        expect(ofEvent(one).faults).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
