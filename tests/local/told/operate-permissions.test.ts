/** A command needs the permissions that its `--help` lists, each of them, and no other. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAgent, createKey, createRole, type MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { cli } from "../../cli/run-cli.ts";
import { type Operator, operatorOf } from "./operator.ts";

let theatre: Theatre;
let agent: MadeAgent;
let other: MadeAgent;
beforeAll(async () => {
  theatre = await openTheatre(
    timeline(() => {}),
    { timeScale: 600 },
  );
  const { developer } = theatre.people;
  const role = await createRole(developer, "Role-bot");
  agent = await createAgent(developer, "bot", await createKey(developer), role);
  other = await createAgent(developer, "other-bot", await createKey(developer), role);
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
  return (out.match(/\b(?:kms|dynamodb):\w+/g) ?? []).sort();
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
  ["history", (operator) => [[0, "history", agent.keyArn, ...place(operator)]]],
  [
    "pause",
    (operator) => [
      [0, "pause", agent.keyArn, ...place(operator), "--reason", "x", "--yes"],
      [0, "pause", ...region(), ...place(operator), "--reason", "x", "--yes"],
    ],
  ],
  [
    "resume",
    (operator) => [
      [0, "resume", agent.keyArn, ...place(operator), "--yes"],
      [0, "resume", ...region(), ...place(operator), "--yes"],
    ],
  ],
  [
    "rollback",
    (operator) => [
      // KMS refuses it: the hold is taken away again.
      [1, "rollback", other.keyArn, ...place(operator), "--yes"],
      [0, "rollback", other.keyArn, ...place(operator), "--yes"],
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
