/** A command needs the permissions that its `--help` lists, each of them, and no other. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAgent, createKey, createRole, type MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { cli } from "../../cli/run-cli.ts";
import { givenTwice, policyFor } from "./given.ts";
import { type Operator, operatorOf } from "./operator.ts";

let theatre: Theatre;
let agent: MadeAgent;
let other: MadeAgent;
let role: string;
let user: string;
const firstOf = new Map<string, string>();
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    { timeScale: 600, clock: "compressed" },
  );
  const { developer } = theatre.people;
  const service = await createRole(developer, "Role-bot");
  agent = await createAgent(developer, "bot", await createKey(developer), service);
  other = await createAgent(developer, "other-bot", await createKey(developer), service);
  role = theatre.role("apps/Shop");
  user = role.replace("role/apps/Shop", "user/Uma");
  const { table } = operatorOf(theatre, developer);
  for (const arn of [role, user]) firstOf.set(arn, (await givenTwice(theatre, table, arn, developer))[0]);
  await theatre.settle();
});
afterAll(() => theatre.stop());

function withActions(name: string, actions: readonly string[]): Operator {
  const { laptop } = theatre;
  const role = theatre.role(`operators/Operator-${name}`);
  const Statement = [{ Effect: "Allow", Action: actions, Resource: "*" }];
  laptop.world.plantRole(role, { Operator: { Version: "2012-10-17", Statement } });
  return operatorOf(theatre, laptop.as(laptop.world.caller(role, "eve")));
}

async function listed(command: string): Promise<readonly string[]> {
  const { out } = await cli([command, "--help"]);
  return (out.match(/\b(?:kms|iam|dynamodb):\w+/g) ?? []).sort();
}

/** The actions of that role that let a call through. */
function used(name: string): readonly string[] {
  const items = [...theatre.laptop.stack.usage().used].filter((item) => item.startsWith(`Operator-${name}/`));
  return [...new Set(items.flatMap((item) => / Allow (\S+) on /.exec(item)?.[1] ?? []))].sort();
}

const place = (operator: Operator) => ["--table", operator.table];
const region = () => ["--region", theatre.laptop.region];

/** In this order each finds something to do, and the exit code that it ends with. */
const COMMANDS: readonly (readonly [string, (operator: Operator) => readonly (readonly [number, ...string[]])[]])[] = [
  [
    "history",
    (operator) => [
      [0, "history", agent.keyArn, ...place(operator)],
      [0, "history", role, ...region(), ...place(operator)],
    ],
  ],
  [
    "pause",
    (operator) => [
      [0, "pause", agent.keyArn, ...place(operator), "--reason", "x", "--yes"],
      [0, "pause", role, ...region(), ...place(operator), "--reason", "x", "--yes"],
      [0, "pause", user, ...region(), ...place(operator), "--reason", "x", "--yes"],
      [0, "pause", ...region(), ...place(operator), "--reason", "x", "--yes"],
    ],
  ],
  [
    "resume",
    (operator) => [
      [0, "resume", agent.keyArn, ...place(operator), "--yes"],
      [0, "resume", role, ...region(), ...place(operator), "--yes"],
      [0, "resume", ...region(), ...place(operator), "--yes"],
    ],
  ],
  [
    "rollback",
    (operator) => [
      // KMS refuses it: the hold is taken away again.
      [1, "rollback", other.keyArn, ...place(operator), "--yes"],
      [0, "rollback", other.keyArn, ...place(operator), "--yes"],
      // To what was there between the two, and then to nothing.
      ...[role, user].flatMap((arn) => [
        [0, "rollback", arn, ...region(), ...place(operator), "--yes"] as const,
        [0, "rollback", arn, "--entry", firstOf.get(arn) ?? "", ...region(), ...place(operator), "--yes"] as const,
      ]),
    ],
  ],
];

test.each(COMMANDS)("%s needs what its help lists, and no more", async (command, lines) => {
  const operator = withActions(command, await listed(command));
  const error = { code: "LimitExceededException", status: 400 };
  if (command === "rollback") {
    theatre.laptop.world.failNext({ service: "kms", operation: "PutKeyPolicy", times: 1, error });
  }
  for (const [code, ...line] of lines(operator)) {
    const ended = await operator.cli(...line);
    expect([ended.code, ended.err], line.join(" ")).toEqual([
      code,
      code === 0 ? "" : expect.stringMatching(/KMS refused/),
    ]);
  }
  expect(used(command)).toEqual(await listed(command));
});

test("without its permissions a command says which one it lacks, and writes nothing", async () => {
  const before = theatre.laptop.world.policy(agent.keyArn);
  const operator = withActions(
    "blocked",
    (await listed("rollback")).filter((action) => action !== "kms:PutKeyPolicy"),
  );
  const ended = await operator.cli("rollback", agent.keyArn, ...place(operator), "--yes");
  expect([ended.code, ended.err]).toEqual([1, expect.stringContaining("KMS refused with `AccessDeniedException`")]);
  expect(theatre.laptop.world.policy(agent.keyArn)).toBe(before);
});

test("nothing is left on the role and the user whose policies were rolled back", () => {
  for (const arn of [role, user]) expect(theatre.laptop.world.inlinePolicies(arn)).toEqual({});
});

test("without its permissions in IAM a command says which one it lacks, and the policy stays as it is", async () => {
  const arn = theatre.role("apps/Blocked");
  const { developer } = theatre.people;
  await givenTwice(theatre, operatorOf(theatre, developer).table, arn, developer);
  const operator = withActions(
    "blocked-in-iam",
    (await listed("rollback")).filter((action) => action !== "iam:PutRolePolicy"),
  );
  const ended = await operator.cli("rollback", arn, ...region(), ...place(operator), "--yes");
  expect([ended.code, ended.err]).toEqual([1, expect.stringContaining("IAM refused with `AccessDenied`")]);
  const standing = theatre.laptop.world.inlinePolicies(arn);
  expect(standing).toEqual({ BedrockKeyGuard: policyFor("kms:Decrypt", "kms:GenerateDataKey") });
});
