import { describe, expect, test } from "vitest";
import { type Parsed, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { policyText } from "./decision-case.ts";

const STATEMENT = { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" };

describe("reading a policy", () => {
  test.each([
    ["the member", '{"Statement": [], "Statement": []}', "`Statement` twice"],
    ["the number", '{"Statement": [], "Id": 1e3}', "`1e3`"],
    ["the element", '{"Statement": [], "Statment": []}', "`Statment`"],
    ["the version", '{"Statement": [], "Version": "2013"}', '`"2013"`'],
  ])("names %s that it does not take", (_what, text, named) => {
    expect(reasonOf(parsePolicy(text))).toContain(named);
  });

  test("refuses a text that no key's policy can have the length of", () => {
    expect(reasonOf(parsePolicy(" ".repeat(200_000)))).toContain("200000 characters");
  });

  test("refuses a document that is nested beyond all measure, without running out of stack", () => {
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    expect(reasonOf(parsePolicy(`{"Statement": [], "Id": ${deep}}`))).toContain("nested");
  });

  test("takes equal member names in different objects, and any text in values", () => {
    const text = policyText({
      Version: "2012-10-17",
      Statement: [{ ...STATEMENT, Sid: '{"a": 1e3, "a": "\\' }, STATEMENT],
    });
    expect(parsePolicy(text).kind).toBe("policy");
  });

  test("keeps the document as it was for writing it back", () => {
    const json = { Version: "2012-10-17", Id: "x", Statement: [{ ...STATEMENT, Condition: { Bool: { a: true } } }] };
    const parsed = parsePolicy(JSON.stringify(json));
    expect(parsed.kind === "policy" && parsed.policy.raw).toEqual(json);
  });
});

function reasonOf(parsed: Parsed): string {
  return parsed.kind === "malformed" ? parsed.reason : "";
}
