/** What a review says beside verdicts and plans: by which policies, and what it can't see. */
import { expect, test } from "vitest";
import { inWords } from "../../../packages/core/src/callers/policies.ts";
import { reviewOf } from "./account.ts";

const INVOKE = { Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" };

function invokedBy(given: Parameters<typeof reviewOf>[0]): Readonly<Record<string, readonly string[]>> {
  const { callers } = reviewOf(given);
  return Object.fromEntries(
    callers.map(({ identity, judgements }) => [
      identity.name,
      judgements.flatMap(({ invocation }) => invocation.by.map(({ origin }) => inWords(origin))),
    ]),
  );
}

test("who may invoke by one managed policy is told of it as each holds it", () => {
  const managed = { Invoke: [INVOKE] };
  const arn = "arn:aws:iam::111122223333:policy/Invoke";
  const groups = [{ name: "bots", attached: ["Invoke"] }];
  const users = [
    { name: "Ana", attached: ["Invoke"] },
    { name: "Bo", groups: ["bots"] },
    { name: "Cy", groups: ["bots"] },
  ];
  expect(invokedBy({ managed, groups, users })).toEqual({
    Ana: [`managed policy ${arn}`],
    Bo: [`policy ${arn} of group bots`],
    Cy: [`policy ${arn} of group bots`],
  });
});

test("agents come in the order in which they are given, whatever the order of the policy", () => {
  const alias = (id: string) => `arn:aws:bedrock:eu-west-1:111122223333:agent-alias/${id}/*`;
  const invoke = [{ ...INVOKE, Resource: [alias("AGENT00002"), alias("AGENT00003"), alias("AGENT00001")] }];
  const { callers } = reviewOf({
    roles: [{ name: "App", inline: { invoke } }],
    agents: [{ id: "AGENT00003" }, { id: "AGENT00001" }, { id: "AGENT00002" }],
  });
  expect(callers[0]?.judgements.map(({ agent }) => agent.slice(-1))).toEqual(["3", "1", "2"]);
});

test("what is not visible is data of each result, with its page, also where nobody is a caller", () => {
  const { callers, notVisible } = reviewOf({});
  expect(callers).toEqual([]);
  expect(notVisible.map(({ what }) => what)).toContain("organization-policies");
  for (const { source } of notVisible) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
});
