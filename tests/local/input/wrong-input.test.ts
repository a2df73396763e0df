import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { npmStart } from "./npm-start.ts";

const folder = mkdtempSync(join(tmpdir(), "wrong-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const missing = join(folder, "missing.json");
const notJson = file("not-json.json", '{"Version": "2012-10-17",');
const list = file("list.json", '[{"Effect":"Allow"}]');
const shape = file("shape.json", '{"hello":"world"}');
const empty = file("empty.json", "");
const large = file("large.json", `{"x":"${"x".repeat(1_100_000)}"}`);
const longPolicy = file("long-policy.json", `{"Version":"2012-10-17","Id":"${"x".repeat(140_000)}","Statement":[]}`);
const escaping = file("escape.json", "\u001b[2J\u202e");
const event = file("event.json", '{"eventSource":"kms.amazonaws.com","eventName":["PutKeyPolicy"]}');

const POLICY = "what `aws kms get-key-policy --query Policy --output text` prints";
const RECORD = "give one CloudTrail record, or the EventBridge event around it";
const AT = "a relative path starts from";

const cases: readonly (readonly [what: string, args: readonly string[], says: readonly string[]])[] = [
  ["a policy's file that is not there", ["--key-policy", missing], [missing, "there is no file", AT]],
  ["a directory for a policy", ["--key-policy", folder], [folder, "is a directory; give a file"]],
  ["a policy that is no JSON", ["--key-policy", notJson], [notJson, "it is not JSON", POLICY]],
  ["a list for a policy", ["--key-policy", list], [list, "it is not a JSON object", POLICY]],
  ["a policy of another shape", ["--key-policy", shape], [shape, "`hello`, which no policy has", POLICY]],
  ["an empty file for a policy", ["--key-policy", empty], [empty, "it is not JSON", POLICY]],
  ["a huge file for a policy", ["--key-policy", large], [large, "give a file of at most 1048576"]],
  ["a policy longer than any", ["--key-policy", longPolicy], [longPolicy, "more than 131072", POLICY]],
  ["an event's file that is not there", ["--event", missing], [missing, "there is no file", AT]],
  ["a directory for an event", ["--event", folder], [folder, "is a directory; give a file"]],
  ["an event that is no JSON", ["--event", notJson], [notJson, "is not JSON", RECORD]],
  ["a list of events", ["--event", list], [list, "holds no JSON object", RECORD]],
  ["an event of another shape", ["--event", shape], [shape, "`eventSource`", RECORD]],
  ["an event whose name is no text", ["--event", event], [event, "`eventName`", RECORD]],
  ["a policy with an escape sequence", ["--key-policy", escaping], [escaping, "it is not JSON", POLICY]],
  ["an event with an escape sequence", ["--event", escaping], [escaping, "is not JSON", RECORD]],
  ["a huge file for an event", ["--event", large], [large, "give a file of at most 1048576"]],
  ["both options", ["--key-policy", shape, "--event", shape], ["give `--key-policy` or `--event`, not both"]],
  ["an unknown option", ["--verbose"], ["--verbose", "npm start -- --key-policy FILE"]],
  ["an option without its file", ["--event"], ["--event", "npm start -- --event FILE"]],
  ["a file without its option", [shape], [shape, "npm start -- --key-policy FILE"]],
];

describe.concurrent("npm start with", () => {
  test.each(cases)("%s says what is wrong, and starts nothing", async (_what, args, says) => {
    const { code, out, err } = await npmStart(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(/^error: /);
    for (const text of says) expect(err).toContain(text);
    expect(err).not.toMatch(/^\s+at /m);
    expect(err).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });
});
