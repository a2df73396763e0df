/** `check`, `callers` and `simulate` answer from files: they must not wait for the AWS SDK. */
import { afterAll, expect, test } from "vitest";
import { details, INVOKE, role, USE } from "./account-samples.ts";
import { cli, newFolder } from "./run-cli.ts";
import { ADMIN, documented, getAgent, KEY, policy, request } from "./samples.ts";

const files = newFolder();
afterAll(() => files.remove());

/** Ends the process as soon as a module of the SDK, or of what is made of it, is asked for. */
const NO_SDK = files.put(
  "no-sdk.mjs",
  `import { registerHooks } from "node:module";
  registerHooks({
    resolve(specifier, context, next) {
      if (/^@(aws-sdk|smithy|bedrock-key-guard\\/aws)\\//.test(specifier)) {
        console.error("loaded " + specifier);
        process.exit(9);
      }
      return next(specifier, context);
    },
  });`,
);
const watched = (args: readonly string[]) => cli(args, "", { NODE_OPTIONS: `--import ${NO_SDK}` });

test.each([
  [
    "check",
    [
      "check",
      "--key-policy",
      files.put("p.json", documented("AGENT00001")),
      "--agent",
      files.put("a.json", getAgent("AGENT00001")),
    ],
  ],
  [
    "callers",
    [
      "callers",
      "--authorization-details",
      files.put("d.json", details({ roles: [role("App", INVOKE, USE)] })),
      "--key-policy",
      files.put("k.json", policy(ADMIN)),
      "--agent",
      files.put("b.json", getAgent("AGENT00001")),
    ],
  ],
  ["simulate", ["simulate", "--policy", files.put("q.json", policy()), "--request", files.put("r.json", request())]],
  ["help", ["rollback", "--help"]],
])("%s loads nothing of the AWS SDK", async (_, args) => {
  const ended = await watched(args);
  expect([ended.code, ended.err]).toEqual([0, ""]);
});

test("a command that is refused for its options loads nothing of it either", async () => {
  expect((await watched(["rollback", KEY])).code).toBe(2);
});

test("a command that calls AWS does", async () => {
  expect((await watched(["history", KEY, "--table", "t"])).err).toMatch(/^loaded @/);
});

test("without AWS to reach, a command says which call failed, and shows no stack", async () => {
  const ended = await cli(["history", KEY, "--table", "t"]);
  expect([ended.code, ended.out]).toEqual([1, ""]);
  expect(ended.err).toMatch(/^error: `dynamodb:Query` on `KEY#arn:aws:kms/);
  expect(ended.err).not.toMatch(/^\s+at |node:|\.ts:\d/m);
});
