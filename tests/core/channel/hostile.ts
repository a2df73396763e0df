/** Alerts in which everything that comes from outside is meant badly: names, aliases, tags, sessions, policies, what AWS answers. */
import fc from "fast-check";
import { ALERT_KINDS, type Alert, type AlertFinding, CHANGES } from "../../../packages/core/src/alert/alert.ts";
import type { AccountId, AgentId, CallerArn, KeyArn } from "../../../packages/core/src/arn.ts";
import { FINDING_KINDS, SEVERITIES } from "../../../packages/core/src/finding/finding.ts";
import type { Cause } from "../../../packages/core/src/key/job.ts";
import { MODES } from "../../../stacks/settings.ts";

/** One idea each; none is longer than a line may be. */
export const TRICKS = {
  "calls the whole channel": "<!channel> <!here> <@U012345> <#C012345>",
  "calls the whole channel in plain words": "@channel @here @everyone",
  "is a link of Slack": "<https://evil.example/login|sign in to AWS>",
  "is a link in Markdown": "[sign in to AWS](https://evil.example/login)",
  "is bold, struck and code": "*bold* _italic_ ~struck~ `code`",
  "ends the code block": "``` now outside ```\n```````",
  "has escapes of its own": "&lt;!channel&gt; &amp; &#60;",
  "begins new lines": "a\nWhat to do\n  rm -rf /\r\nSubject: forged\u2028x\u2029y\u0085z\vq\ff",
  "runs from right to left": "\u202Egnp.exe\u202C \u2066hidden\u2069 \u200Fright",
  "has characters that are not seen": "a\u200Bb\u200Dc\uFEFFd\u00ADe\u{E0041}f",
  "colours a terminal": "\u001B[31mred\u001B[0m\u0007\u009B2J",
  "is HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "ends an attribute": `"'><svg onload=alert(1)>`,
  "is an ARN of somebody": "arn:aws:iam::111122223333:role/x`*_<!channel>",
  "is half a character": "\uD83D",
} as const;

const trick = fc.constantFrom<string>(...Object.values(TRICKS));
const long = trick.map((text) => text.repeat(Math.ceil(10_000 / text.length)));
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: trick },
  { weight: 2, arbitrary: fc.array(trick, { maxLength: 6 }).map((texts) => texts.join("")) },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constant("") },
);

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const keyArn = hex(12).map((id) => `arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-${id}` as KeyArn);
const agentId = hex(10).map((id) => id.toUpperCase() as AgentId);
const callerArn = hex(8).map((name) => `arn:aws:iam::111122223333:role/path/${name}` as CallerArn);
const ref = hex(12);
const AT = "2026-11-23T10:00:00.000Z";

const texts = (maxLength: number) => fc.array(hostileText, { maxLength });
const actor = fc.record({
  arn: hostileText,
  sessionName: fc.option(hostileText, { nil: undefined }),
  invokedBy: fc.option(hostileText, { nil: undefined }),
});
const cause: fc.Arbitrary<Cause> = fc.oneof(
  fc.record({ kind: fc.constant("event" as const), id: ref, eventName: hostileText, actor, at: fc.constant(AT) }),
  fc.record({
    kind: fc.constant("person" as const),
    id: ref,
    by: hostileText,
    reason: hostileText,
    at: fc.constant(AT),
  }),
);

export const hostileFinding: fc.Arbitrary<AlertFinding> = fc.record({
  refs: fc.array(ref, { minLength: 1, maxLength: 3 }),
  kind: fc.constantFrom(...FINDING_KINDS),
  severity: fc.constantFrom(...SEVERITIES),
  change: fc.constantFrom(...CHANGES),
  title: hostileText,
  detail: hostileText,
  key: fc.option(keyArn, { nil: undefined }),
  caller: fc.option(callerArn, { nil: undefined }),
  agents: fc.array(agentId, { maxLength: 3 }),
  since: fc.constant(AT),
  resolved: fc.constantFrom(undefined, { at: AT, by: "guard" } as const),
  times: fc.integer({ min: 1, max: 99 }),
  evidence: texts(4),
  diff: texts(4),
  remedy: texts(4),
});

/** What is to be run, as the guard writes it: it has to arrive, whatever stands around it. */
export const COMMAND = "aws kms enable-key --region eu-west-1 --key-id 11111111-2222-3333-4444-555555555555";

export const hostileAlert: fc.Arbitrary<Alert> = fc.record({
  v: fc.constant(2 as const),
  id: hex(16).map((id) => `alert-${id}`),
  at: fc.constant(AT),
  kind: fc.constantFrom(...ALERT_KINDS),
  severity: fc.constantFrom(...SEVERITIES),
  mode: fc.constantFrom(...MODES),
  subject: hostileText,
  headline: hostileText,
  account: fc.record({
    id: fc.constant("111122223333" as AccountId),
    alias: fc.option(hostileText, { nil: undefined }),
  }),
  region: fc.constant("eu-west-1"),
  keys: fc.array(fc.record({ arn: keyArn, aliases: texts(5) }), { minLength: 1, maxLength: 12 }),
  callers: fc.array(callerArn, { maxLength: 12 }),
  agents: fc.array(fc.record({ id: agentId, name: hostileText }), { minLength: 1, maxLength: 12 }),
  causes: fc.array(cause, { maxLength: 10 }),
  findings: fc.array(hostileFinding, { maxLength: 12 }),
  sections: fc.array(fc.record({ title: hostileText, lines: texts(12) }), { maxLength: 4 }),
  nextSteps: texts(4).map((steps) => [COMMAND, ...steps]),
  wayBack: texts(3),
  thread: ref,
  perhapsAgain: fc.boolean(),
});
