/** Names, ARNs, session names and tags come from outside: whatever they hold, no channel is misled by it. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import type { FindingEvent } from "../../../packages/core/src/alert/ports.ts";
import type { CallerArn } from "../../../packages/core/src/arn.ts";
import { attributesOf } from "../../../packages/core/src/channel/attributes.ts";
import { chatNotificationOf } from "../../../packages/core/src/channel/chat.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { busEventOf } from "../../../packages/core/src/channel/event.ts";
import { slackMessageOf } from "../../../packages/core/src/channel/slack.ts";
import { TellingWorld } from "../alert/world.ts";
import { A, eventBy, iso } from "../finding/records.ts";

const NAMES = {
  "markup of Slack": "<!channel> <@U123> <https://evil.example|click> *bold* ~x~",
  "markup of HTML": '<img src=x onerror=alert(1)><script>alert("x")</script>&amp;',
  "a fence and more lines": "a```\n\nFrom: aws\nSubject: all is well\r\n\r\nb",
  "marks that turn the direction": "safe\u202Egnp.exe\u2066\u2069\u200F\u061C",
  "what nobody sees": "a\u0000b\u001B[31mred\u0007\u200Bc\uFEFFd\u2028e\u2029f",
  "10,000 characters": "x".repeat(10_000),
  "10,000 marks": "<&>".repeat(3_334),
} as const;

/** Control, format, line and paragraph characters, but for the ends of lines that a channel makes itself. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u;

/** The guard's own: to the console, and to pages of AWS. */
const OWN_LINKS =
  /<https:\/\/([\w-]+\.)?console\.aws\.amazon\.com\/[\w/?=#.-]*\|[\w ]+>|<https:\/\/docs\.aws\.amazon\.com\/[\w/#.-]*>/g;

interface Told {
  readonly alerts: readonly Alert[];
  readonly events: readonly FindingEvent[];
}

/** A problem, a repair, a caller's problem, what is over, a reminder and a digest, all about who is called so. */
async function tellOf(name: string): Promise<Told> {
  const it = new TellingWorld().pass(24 * 3_600_000);
  it.people.aliases = [`alias/${name}`];
  Object.assign(it.people.names, { accountAlias: async () => name });
  const actor = `arn:aws:iam::111122223333:role/${name}`;
  const cause = { ...eventBy(actor, iso(it.ms)), actor: { arn: actor, sessionName: name, invokedBy: name } };
  const seen = { names: new Map([[A, name]]), causes: [cause] } as const;
  const caller = `arn:aws:iam::111122223333:role/${name}` as CallerArn;
  await it.look([{ kind: "key-unusable", severity: "critical" }, { detail: `It says ${name}.` }], seen);
  await it.look([{ kind: "caller-denied", caller, which: [name] }], { ...seen, subject: "callers" });
  await it.repair({ diff: [`+ ${JSON.stringify({ Sid: name })}`], snippets: [name] }, seen, actor);
  await it.tell();
  await it.look([{ kind: "key-unusable", severity: "critical" }], seen);
  await it.pass(24 * 3_600_000).repair({}, seen, actor);
  await it.tell(true);
  return { alerts: it.people.published.map(({ text: _t, diff: _d, ...alert }) => alert), events: it.people.emitted };
}

describe.each(Object.entries(NAMES))("of names with %s", (_, name) => {
  let told: Told;

  beforeAll(async () => {
    told = await tellOf(name);
    expect(new Set(told.alerts.map(({ kind }) => kind))).toEqual(
      new Set(["problem", "resolved", "reminder", "digest"]),
    );
  });

  test("an email has one line as its subject, of less than 100 visible characters of ASCII, and no unseen character", () => {
    for (const alert of told.alerts) {
      const { subject, text } = emailOf(alert);
      expect(subject).toMatch(/^[A-Za-z0-9!-/:-@[-`{-~][ -~]{0,98}$/);
      expect(text).not.toMatch(UNSEEN);
      // A line that a name made, rather than the guard.
      expect(text).not.toMatch(/^(From|Subject): /m);
    }
  });

  test("Slack calls nobody, links nothing and breaks out of no code block", () => {
    for (const alert of told.alerts) {
      const { text, blocks } = slackMessageOf(alert);
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const one of [text, ...textsIn(blocks)]) {
        expect(one).not.toMatch(UNSEEN);
        const marked = one.replaceAll(OWN_LINKS, "");
        expect(marked).not.toMatch(/[<>]/);
        expect(marked.replaceAll(/&(amp|lt|gt);/g, "")).not.toContain("&");
        expect(one.split("```").length % 2).toBe(1);
      }
    }
  });

  test("Amazon Q gets a notification within its limits, with no markup that a name made", () => {
    for (const alert of told.alerts) {
      const { content, metadata } = chatNotificationOf(alert);
      expect(content.title.length).toBeLessThanOrEqual(250);
      expect(content.description.length).toBeLessThanOrEqual(8_000);
      expect(content.nextSteps.length).toBeLessThanOrEqual(10);
      const texts = [content.title, content.description, ...content.nextSteps, metadata.summary];
      for (const text of texts) {
        expect(text).not.toMatch(UNSEEN);
        expect(text.replaceAll(OWN_LINKS, "")).not.toMatch(/[<>]/);
      }
    }
  });

  test("attributes hold ids and ARNs, and events are no longer than EventBridge takes", () => {
    for (const alert of told.alerts) {
      for (const { DataType, StringValue } of Object.values(attributesOf(alert))) {
        if (DataType === "String.Array") expect(JSON.parse(StringValue)).toBeInstanceOf(Array);
        else expect(StringValue).toMatch(/^[a-z-]+$/);
      }
    }
    for (const event of told.events) expect(JSON.stringify(busEventOf(event)).length).toBeLessThan(256 * 1024);
  });
});

/** Every text in Slack's blocks. */
function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, of]) =>
    name === "text" && typeof of === "string" ? [of] : textsIn(of),
  );
}
