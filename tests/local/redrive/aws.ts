/**
 * `aws`, as far as docs/runbook.md needs it: its commands run as they stand there where the AWS CLI is not installed, against
 * AWS_ENDPOINT_URL. Parameters get the names that the API gives them: `--queue-url` is `QueueUrl`.
 */
import { readFileSync } from "node:fs";
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetKeyPolicyCommand, KMSClient, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { moveMessages } from "./move-messages.ts";

type Values = ReadonlyMap<string, string>;

/** Options of the CLI's own. */
const OWN = new Set(["region", "query", "output"]);

const [service = "", operation = "", ...rest] = process.argv.slice(2);
const values = readOptions(rest);
// What is wrong with the parameters is told by the SDK and the service.
const parameters = parametersOf(values) as never;
const answer = await call(`${service} ${operation}`, parameters, { region: values.get("region") ?? "" });
const picked = values.has("query") ? pick(answer, values.get("query") ?? "") : answer;
console.log(values.get("output") === "text" ? [picked].flat().join("\t") : JSON.stringify(picked, null, 2));

function readOptions(args: readonly string[]): Values {
  const read = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at] ?? "", args[at + 1]];
    if (!name.startsWith("--") || value === undefined) throw new Error(`\`${name}\` is no option with a value`);
    read.set(name.slice(2), value);
  }
  return read;
}

function parametersOf(options: Values): Readonly<Record<string, unknown>> {
  const parameters: Record<string, unknown> = {};
  for (const [name, text] of options) {
    if (OWN.has(name)) continue;
    const api = name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    parameters[api] = parsed(text);
  }
  return parameters;
}

function parsed(text: string): unknown {
  if (text.startsWith("file://")) return readFileSync(text.slice("file://".length), "utf8");
  return text.startsWith("{") ? JSON.parse(text) : text;
}

async function call(command: string, input: never, config: { region: string }): Promise<unknown> {
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  const kms = new KMSClient(config);
  const dynamodb = new DynamoDBClient(config);
  switch (command) {
    case "sqs receive-message":
      return sqs.send(new ReceiveMessageCommand(input));
    case "sqs start-message-move-task":
      return moveMessages(input, sqs);
    case "kms get-key-policy":
      return kms.send(new GetKeyPolicyCommand(input));
    case "kms put-key-policy":
      return kms.send(new PutKeyPolicyCommand(input));
    case "dynamodb put-item":
      return dynamodb.send(new PutItemCommand(input));
    case "dynamodb delete-item":
      return dynamodb.send(new DeleteItemCommand(input));
    case "dynamodb query":
      return dynamodb.send(new QueryCommand(input));
    default:
      throw new Error(`the tests have no \`aws ${command}\`; add it to this file`);
  }
}

/** The JMESPath of the runbook: names behind dots, and `[]` for each member. */
function pick(from: unknown, query: string): unknown {
  return query.split(".").reduce<unknown>((at, step) => {
    const name = step.replace("[]", "");
    const next = Array.isArray(at) ? at.map((one) => memberOf(one, name)) : memberOf(at, name);
    return step.endsWith("[]") ? [next].flat() : next;
  }, from);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
