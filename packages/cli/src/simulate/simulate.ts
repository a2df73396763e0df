/** `simulate`: what policies say to a request, and why. */
import { type AccessQuestion, decideAccess } from "@bedrock-key-guard/core/policy/access.ts";
import { isObject } from "@bedrock-key-guard/core/policy/json.ts";
import { InputError, inPlace } from "../input/input-error.ts";
import { parseJson } from "../input/parse-json.ts";
import { policyInFile } from "../input/policy.ts";
import { decode, type Line, MAX_BYTES, nameOf, readLines, readText } from "../input/read-text.ts";
import { need, type Options, readOptions } from "../options.ts";
import { harmless, harmlessJson, print, printError } from "../output/terminal.ts";
import { answerOf, inWords } from "./answer.ts";
import { readCase } from "./read-case.ts";
import { readRequest } from "./read-request.ts";

export const SIMULATE_HELP = `bedrock-key-guard simulate --policy FILE --request FILE [options]
bedrock-key-guard simulate --cases FILE.jsonl

Says what policies answer to a request: allowed, denied, not-allowed, or depends (on condition keys that the request
leaves open), with the statements that decide. No AWS account is asked.

  --policy FILE           the key policy, as JSON or as \`aws kms get-key-policy\` prints it; left out, the identity
                          policies decide alone
  --identity-policy FILE  an IAM policy of whoever asks; may be given several times
  --boundary FILE         their permissions boundary
  --request FILE          {"principal": "an ARN, a service name, or * for anonymous", "action": "kms:Decrypt",
                          "resource": "an ARN", "context": {"key": "value or list"}, "unknown": ["key", …] or "*",
                          "absent": ["key", …]}; keys that are not named are absent. A whole case does as well
  --cases FILE            a case a line: {"policy": …, "identityPolicies": [ … ], "boundary": …, "request": { … }},
                          all but the request may be left out; one answer a line, in the same order. A line that is no
                          case is answered with {"error": …}
  --json                  the answer as JSON on one line; without a terminal it always is:
                          {"decision": …, "because": [statements], "dependsOn": [keys]}

FILE may be - for the standard input. Exit code: 0 answered, 2 bad input.
`;

export async function simulate(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    command: "simulate",
    values: { policy: "once", "identity-policy": "often", boundary: "once", request: "once", cases: "once" },
    flags: ["json"],
  });
  if (options.has("help")) {
    await print(SIMULATE_HELP.trimEnd());
    return 0;
  }
  const cases = options.one("cases");
  if (cases === undefined) return simulateOne(await questionFrom(options), options.has("json"));
  const other = ["policy", "identity-policy", "boundary", "request"].find((name) => options.one(name) !== undefined);
  if (other !== undefined) {
    throw new InputError(
      `\`--cases\` and \`--${other}\` exclude each other: a case holds its own policies and request`,
    );
  }
  return simulateMany(cases);
}

async function simulateOne(question: AccessQuestion, asJson: boolean): Promise<number> {
  const decision = decideAccess(question);
  const forPerson = process.stdout.isTTY && !asJson;
  await print(forPerson ? harmless(inWords(question, decision)) : harmlessJson(answerOf(decision)));
  return 0;
}

async function questionFrom(options: Options): Promise<AccessQuestion> {
  const question = await readRequestFile(need(options, "request", "simulate"));
  const policyFile = options.one("policy");
  const boundaryFile = options.one("boundary");
  const keyPolicy = policyFile === undefined ? question.keyPolicy : await readPolicyFile(policyFile);
  const boundary = boundaryFile === undefined ? question.boundary : await readPolicyFile(boundaryFile);
  const identityPolicies = [...question.identityPolicies];
  for (const file of options.all("identity-policy")) identityPolicies.push(await readPolicyFile(file));
  if (policyFile !== undefined && question.keyPolicy !== undefined) throw twice("policy");
  if (boundaryFile !== undefined && question.boundary !== undefined) throw twice("boundary");
  if (keyPolicy === undefined && identityPolicies.length === 0) {
    throw new InputError("there is no policy to ask: give `--policy`, `--identity-policy` or both");
  }
  return {
    identityPolicies,
    request: question.request,
    ...(keyPolicy === undefined ? {} : { keyPolicy }),
    ...(boundary === undefined ? {} : { boundary }),
  };
}

function twice(name: string): InputError {
  return new InputError(`the file of \`--request\` is a case with a ${name} of its own; leave \`--${name}\` out`);
}

async function readPolicyFile(file: string) {
  const text = await readText(file);
  return inPlace(nameOf(file), () => policyInFile(text).policy);
}

async function readRequestFile(file: string): Promise<AccessQuestion> {
  const text = await readText(file);
  return inPlace(nameOf(file), () => {
    const value = parseJson(text);
    if (isObject(value) && Object.hasOwn(value, "request")) return readCase(value);
    return { identityPolicies: [], request: readRequest("", value) };
  });
}

async function simulateMany(file: string): Promise<number> {
  let asked = 0;
  let bad = 0;
  for await (const line of readLines(file)) {
    if (line.bytes?.toString("latin1").trim() === "") continue;
    asked++;
    const answered = answerLine(line);
    if (answered.kind === "bad") {
      bad++;
      await printError(harmless(`${nameOf(file)} line ${line.number}: ${answered.reason}`));
    }
    await print(harmlessJson(answered.kind === "bad" ? { error: answered.reason } : answered.answer));
  }
  if (asked === 0) throw new InputError(`${nameOf(file)}: it is empty; give a case a line`);
  return bad === 0 ? 0 : 2;
}

type Answered =
  | { readonly kind: "answered"; readonly answer: ReturnType<typeof answerOf> }
  | { readonly kind: "bad"; readonly reason: string };

/** INVARIANT: one line can't keep the others from being answered. */
export function answerLine({ bytes }: Pick<Line, "bytes">): Answered {
  try {
    if (bytes === undefined) throw new InputError(`it has more than ${MAX_BYTES} bytes; give cases of at most that`);
    const question = readCase(parseJson(decode("it", bytes)));
    return { kind: "answered", answer: answerOf(decideAccess(question)) };
  } catch (error) {
    if (error instanceof InputError) return { kind: "bad", reason: error.message };
    throw error;
  }
}
