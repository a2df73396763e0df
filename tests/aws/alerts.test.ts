import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAlertMessage } from "../../packages/aws/src/alert-message.ts";
import { alertMessages, safeSubject } from "../../packages/aws/src/alerts.ts";
import { sampleAlert } from "./sample-alert.ts";

describe("an alert on SNS", () => {
  test("is text for people and JSON for machines", () => {
    const message = JSON.parse(alertMessages(sampleAlert()));
    expect(Object.keys(message)).toEqual(["default", "email", "sqs"]);
    expect(message.email).toBe(sampleAlert().text);
    const { text: _, ...machine } = sampleAlert();
    expect(JSON.parse(message.sqs)).toEqual(machine);
    expect(parseAlertMessage(JSON.parse(message.sqs)).kind).toBe("parsed");
  });

  test("fits into a publish however much there is to say, and can still be read", () => {
    const long = 'é"\u0001'.repeat(10_000);
    const finding = { ...(sampleAlert().findings[0] ?? fail()), detail: long, evidence: Array(50).fill(long) };
    const alert = sampleAlert({ text: long, diff: Array(90).fill(long), findings: Array(20).fill(finding) });
    const message = alertMessages(alert);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(262_144);
    expect(JSON.parse(message).email).toContain("(shortened)");
    expect(parseAlertMessage(JSON.parse(JSON.parse(message).sqs)).kind).toBe("parsed");
  });
});

describe("a subject", () => {
  test("is one that SNS takes, whatever it is made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (subject) => {
        expect(safeSubject(subject)).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      }),
    );
  });

  test.each([
    ["Key policy repaired: agent – ü", "Key policy repaired: agent - u"],
    ["two\r\nlines\tand more", "two lines and more"],
    ["", "bedrock-key-guard alert"],
    ["x".repeat(120), `${"x".repeat(96)}...`],
  ])("%j becomes %j", (subject, safe) => expect(safeSubject(subject)).toBe(safe));
});

function fail(): never {
  throw new Error("the sample has no finding");
}
