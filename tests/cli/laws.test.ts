/** Whatever JSON a line holds, it is answered or refused; one line can't keep the others from being answered. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { harmlessJson } from "../../packages/cli/src/output/terminal.ts";
import { answerLine } from "../../packages/cli/src/simulate/simulate.ts";
import { ACTS_ON_TERMINALS, cli } from "./run-cli.ts";
import { documented, KEY, policy, request } from "./samples.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const CASE = JSON.parse(
  JSON.stringify({
    policy: documented("AGENT00001"),
    identityPolicies: [
      policy({ Effect: "Allow", Action: ["kms:*"], Resource: KEY, Condition: { Null: { "aws:x": "true" } } }),
    ],
    boundary: policy({ Effect: "Allow", NotAction: "s3:*", NotResource: "*" }),
    request: request({ context: { "aws:SourceIp": ["::1"], n: 1 }, unknown: ["aws:SourceVpc"] }),
  }),
) as Json;

/** A good case with one part of it, anywhere, replaced by anything, or renamed. */
const damaged = fc
  .tuple(fc.array(fc.nat(20), { maxLength: 7 }), fc.jsonValue({ maxDepth: 3 }), fc.option(fc.string()))
  .map(([path, value, name]) => replaced(CASE, path, value as Json, name));

function replaced(value: Json, path: readonly number[], by: Json, name: string | null): Json {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null) return by;
  const members = Object.entries(value);
  if (members.length === 0) return by;
  const at = step % members.length;
  const next = members.map(([key, member], i): [string, Json] => {
    if (i !== at) return [key, member];
    return [name !== null && rest.length === 0 ? name : key, replaced(member, rest, by, name)];
  });
  return Array.isArray(value) ? next.map(([, member]) => member) : Object.fromEntries(next);
}

const line = fc.oneof(
  { weight: 4, arbitrary: damaged.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string().map((text) => text.replaceAll(/[\r\n]/g, "")) },
);

test("any line is answered or refused, and its answer is one harmless line of JSON", () => {
  let answered = 0;
  fc.assert(
    fc.property(line, (text) => {
      const answer = answerLine({ bytes: Buffer.from(text) });
      if (answer.kind === "answered") answered++;
      const told = answer.kind === "answered" ? answer.answer : { error: answer.reason };
      const json = harmlessJson(told);
      expect(json).not.toMatch(ACTS_ON_TERMINALS);
      expect(json).not.toContain("\n");
      expect(JSON.parse(json)).toEqual(told);
    }),
    { numRuns: 2000 },
  );
  // The law would say little if the damage never left a case.
  expect(answered).toBeGreaterThan(50);
});

test("the command answers as many lines as it is given, whatever they hold", async () => {
  const lines = fc.sample(line, 500).filter((text) => text.trim() !== "");
  const ended = await cli(["simulate", "--cases", "-"], lines.join("\n"));
  expect(ended.err).not.toMatch(/^\s+at |bug/m);
  expect(ended.code).toBe(2);
  expect(ended.out.trimEnd().split("\n")).toHaveLength(lines.length);
});
