/** What the README shows of the command line is what the command line does. */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { details, INVOKE, role } from "./account-samples.ts";
import { cli, newFolder } from "./run-cli.ts";
import { documented, getAgent } from "./samples.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const files = newFolder();
afterAll(() => files.remove());

/** The README's command, with the files that it names put where they can be found. */
function command(name: string): string[] {
  const line = new RegExp(`^npx bedrock-key-guard (${name} .*)$`, "m").exec(README)?.[1];
  if (!line) throw new Error(`the README does not show \`${name}\``);
  const request = /asks one question, such as\n\n```json\n([\s\S]*?)```/.exec(README)?.[1] ?? "";
  const put: Readonly<Record<string, string>> = {
    "key-policy.json": files.put("key-policy.json", documented("ABCDEFGHIJ")),
    "authorization-details.json": files.put("details.json", details({ roles: [role("App", INVOKE)] })),
    "agent.json": files.put("agent.json", getAgent("ABCDEFGHIJ")),
    "request.json": files.put("request.json", JSON.parse(request)),
  };
  return line.split(" ").map((word) => put[word] ?? word);
}

test("its check of a policy as documented is compliant", async () => {
  const ended = await cli(command("check"));
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(ended.out).toMatch(/service-sessions\s+met/);
});

test("its question is answered with the condition key that decides", async () => {
  const ended = await cli(command("simulate"));
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.out)).toMatchObject({
    decision: "depends",
    dependsOn: ["kms:EncryptionContext:aws:bedrock:arn"],
  });
});

test("its look at callers finds the role that lacks the key, and prints what the page says it prints", async () => {
  const ended = await cli(command("callers"));
  expect([ended.code, ended.err]).toEqual([1, ""]);
  expect(ended.out).toMatch(/^ {2}role App\n {6}lacks {4}ABCDEFGHIJ$/m);
  for (const shown of ["aws iam put-role-policy", "Terraform", "CloudFormation", "CDK"])
    expect(ended.out).toContain(shown);
});
