import { describe, expect, test } from "vitest";
import { type Parsed, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { policyText } from "./decision-case.ts";

const STATEMENT = { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" };

describe("reading a policy", () => {
  test.each([
    ["the member", '{"Statement": [], "Statement": []}', "`Statement` twice"],
    ["the number", '{"Statement": [], "Id": 1e3}', "`1e3`"],
    ["the number", '{"Statement": [], "Id": -0}', "`-0`"],
    ["the number", '{"Statement": [], "Id": [1.50]}', "`1.50`"],
    ["the element", '{"Statement": [], "Statment": []}', "`Statment`"],
    ["the version", '{"Statement": [], "Version": "2013"}', '`"2013"`'],
    ["the statement", '{"Statement": [{"Effect": "Allow"}, "x"]}', "statement 2 is not an object"],
    ["the Effect", '{"Statement": [{"Effect": "Allow"}, {"Effect": "allow"}]}', 'statement 2 has the Effect `"allow"`'],
  ])("names %s that it does not take", (_what, text, named) => {
    expect(reasonOf(parsePolicy(text))).toContain(named);
  });

  test.each([
    ["not JSON", '{"Statement": [],}'],
    ["not a JSON object", "[]"],
    ["no Statement", '{"Version": "2012-10-17"}'],
  ])("says that a text is one with %s", (fault, text) => {
    expect(reasonOf(parsePolicy(text))).toContain(fault);
  });

  test("refuses a text that no key's policy can have the length of", () => {
    expect(reasonOf(parsePolicy(" ".repeat(200_000)))).toContain("200000 characters");
    expect(parsePolicy('{"Statement": []}'.padEnd(131_072)).kind).toBe("policy");
  });

  test.each<[string, string, string]>([
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
  ])("takes 64 levels of %s, and no more", (_what, open, close) => {
    const nested = (levels: number) =>
      `{"Statement": [], "Id": ${open.repeat(levels - 1)}[]${close.repeat(levels - 1)}}`;
    expect(parsePolicy(nested(63)).kind).toBe("policy");
    expect(reasonOf(parsePolicy(nested(64)))).toContain("nested");
    const wide = `{"Statement": [{}${`, ${open}[]${close}`.repeat(100)}]}`;
    expect(reasonOf(parsePolicy(wide))).not.toContain("nested");
  });

  test("refuses a document that is nested beyond all measure, without running out of stack", () => {
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    expect(reasonOf(parsePolicy(`{"Statement": [], "Id": ${deep}}`))).toContain("nested");
  });

  test.each<[string, object]>([
    ["of a policy", { Sid: '{"a": 1e3, "a": "\\' }],
    ["with quotes in it", { Sid: 'say "1e3" or "2e3"' }],
    ["that ends in backslashes", { Sid: "\\\\", Condition: { Bool: { "aws:a\\": '\\"1e3' } } }],
    ["beside numbers", { Condition: { NumericEquals: { "aws:a": [3600, "a:b", -1.5, "c:d", 9] } } }],
  ])("takes any text in a value, such as one %s", (_what, elements) => {
    const parsed = parsePolicy(policyText({ Version: "2012-10-17", Statement: [{ ...STATEMENT, ...elements }] }));
    expect(parsed.kind === "policy" && parsed.policy.raw.Statement).toEqual([{ ...STATEMENT, ...elements }]);
  });

  test("takes equal member names in different objects", () => {
    const condition = { StringEquals: { "aws:a": "x" }, StringLike: { "aws:a": "y" } };
    const text = policyText({ Statement: [{ ...STATEMENT, Condition: condition }, STATEMENT] });
    expect(parsePolicy(text).kind).toBe("policy");
  });

  test.each([
    ["Id", '"Statement": [], "Id": 1, "Id": 2'],
    ["Id", '"Statement": ["a", "a"], "Id": "Id", "Id": 2'],
    ["b", '"Statement": [], "Id": {"a": {"b": 1, "c": {"b": 2}, "d": 3, "b": 4}}'],
    ["b", '"Statement": [{"a": 1}, {"a": 2}], "a": {}, "Id": [{"b": "a", "c": "a", "b": "a"}]'],
    ["b", '"Statement": [], "Id": [["a", "a"], {"b": true, "b": null}]'],
    ['a"b', '"Statement": [], "Id": {"a\\"b": 1, "c\\\\": 2, "a\\u0022b": 3}'],
  ])("names the member `%s` that an object has twice", (name, members) => {
    expect(reasonOf(parsePolicy(`{${members}}`))).toContain(`\`${name}\` twice`);
  });

  test("reads a policy without a Version as one of the older, and a Sid that is no text as none", () => {
    const parsed = parsePolicy(
      policyText({
        Statement: [
          { ...STATEMENT, Sid: 5 },
          { ...STATEMENT, Sid: "" },
        ],
      }),
    );
    const policy = parsed.kind === "policy" ? parsed.policy : undefined;
    expect(policy?.version).toBe("2008-10-17");
    expect(policy?.statements.map(({ sid }) => sid)).toEqual([undefined, ""]);
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
