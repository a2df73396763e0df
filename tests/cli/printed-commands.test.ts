/** The commands that alerts print are ones that the command line takes: it gets as far as AWS, which is not there. */
import { expect, test } from "vitest";
import { operatorCommands } from "../../packages/aws/src/operator-commands.ts";
import { type KeyArn, keyArn } from "../../packages/core/src/arn.ts";
import { ROLE, USER } from "./fake-callers.ts";
import { shell } from "./run-cli.ts";
import { KEY } from "./samples.ts";

const commands = operatorCommands({ table: "guard-table", region: "eu-west-1" });
const key = keyArn(KEY) ?? ("" as KeyArn);

test.each([
  commands.rollback({ caller: ROLE, id: "2026-11-23T10:00:00.000Z-abc" }),
  commands.history(USER),
  commands.resume(ROLE),
  commands.rollback({ key, id: "2026-11-23T10:00:00.000Z-abc" }),
  commands.history(key),
  commands.resumeKey(key),
  commands.resumeGuard(),
])("%s", async (line) => {
  const ended = await shell(line);
  expect([ended.code, ended.err]).toEqual([1, expect.stringMatching(/^error: `(sts|dynamodb):\w+`/m)]);
});
