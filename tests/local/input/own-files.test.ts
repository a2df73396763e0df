import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { type Ended, npmStart } from "./npm-start.ts";

const fixture = (name: string) => fileURLToPath(new URL(`./files/${name}.json`, import.meta.url));

/** The texts behind one lead of the timeline, such as `decision`. */
function told({ out }: Ended, lead: string): readonly string[] {
  return out.split("\n").flatMap((line) => {
    const [, text] = new RegExp(`^ {2}${lead} +(.*)$`).exec(line) ?? [];
    return text === undefined ? [] : [text];
  });
}

const REPAIR = [
  "key-admin met, service-sessions missing, role-sessions missing, service-grants missing → add what is missing",
  "repaired: key 0f0f0f0f… of 111122223333",
];
const NOTES = ["account 444455556666 stands for 111122223333 here", "Region us-west-2 stands for eu-west-1 here"];

describe("a key policy of another account and Region", () => {
  let ended: Ended;

  beforeAll(async () => {
    ended = await npmStart("--key-policy", fixture("key-policy"));
  });

  test("is repaired here as it would be there", () => {
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(told(ended, "note")).toEqual(NOTES);
    expect(told(ended, "decision")).toEqual(expect.arrayContaining(REPAIR));
    expect(told(ended, "before")).toEqual(['Bedrock asks for a data key for agent "shop-bot": refused']);
    expect(told(ended, "after")).toEqual(['Bedrock asks for a data key for agent "shop-bot": allowed']);
  });

  test("is told with what was added, in this account's words", () => {
    const diff = ended.out.split("\n").filter((line) => /^ {2}(diff)? +\+ /.test(line));
    expect(diff.join("\n")).toContain("BedrockKeyGuardServiceSessions");
    expect(diff.join("\n")).not.toContain("444455556666");
    expect(told(ended, "alert")[0]).toContain("repaired the key policy, key 0f0f0f0f");
  });
});

test("an EventBridge event with a CreateAgent record has its agent's key repaired, and names who created it", async () => {
  const ended = await npmStart("--event", fixture("create-agent-event"));
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(told(ended, "note")).toEqual([...NOTES, expect.stringContaining("agent ORDERBOT01 of 111122223333")]);
  expect(told(ended, "event")).toEqual(["CreateAgent by role/teams/Builders (session zoe)"]);
  expect(told(ended, "decision")).toEqual(expect.arrayContaining(REPAIR));
  expect(ended.out).toContain("arn:aws:iam::111122223333:role/agents/OrderBot");
  expect(told(ended, "alert")).toContainEqual(expect.stringMatching(/CreateAgent by .*role\/teams\/Builders/));
});

test("a bare PutKeyPolicy record has its policy judged, and the Deny in it told", async () => {
  const ended = await npmStart("--event", fixture("put-key-policy-record"));
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(told(ended, "note").slice(0, 2)).toEqual(NOTES);
  expect(told(ended, "event")).toContain("PutKeyPolicy by role/ci/Terraform (session nightly)");
  expect(told(ended, "guard")).toContain("intake: PutKeyPolicy → look at key 0f0f0f0f… of 111122223333");
  expect(told(ended, "decision").join("\n")).toContain("service-sessions blocked");
  expect(ended.out).toContain('"Sid": "NoServices"');
});

test("a hostile record is told on one line of plain text", async () => {
  const ended = await npmStart("--event", fixture("hostile-record"));
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(ended.out).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  expect(told(ended, "event")).toEqual([expect.stringContaining("all is well")]);
  expect(told(ended, "note").at(-1)).toBe("no rule of the stack matches it; nothing happens");
});
