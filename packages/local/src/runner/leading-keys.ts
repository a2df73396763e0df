/**
 * The values of the partition key that a call to DynamoDB names: the condition key `dynamodb:LeadingKeys`.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */

type Json = Readonly<Record<string, unknown>>;

/**
 * Empty where the call names no partition, as a Scan does, or names it in a way that is not understood: the condition
 * key is then absent, and a policy that asks for it refuses.
 *
 * @param input the parsed body of the call
 * @param hashKey the name of the table's partition key
 */
export function leadingKeys(operation: string, input: unknown, hashKey: string): readonly string[] {
  const key = keyOf(operation, record(input), hashKey);
  return key === undefined ? [] : [key];
}

function keyOf(operation: string, input: Json, hashKey: string): string | undefined {
  switch (operation) {
    case "PutItem":
      return textOf(record(input.Item)[hashKey]);
    case "GetItem":
    case "UpdateItem":
    case "DeleteItem":
      return textOf(record(input.Key)[hashKey]);
    case "Query":
      return queriedKey(input, hashKey);
    default:
      return undefined;
  }
}

/** `pk = :pk`, alone or with what the sort key must be. */
function queriedKey(input: Json, hashKey: string): string | undefined {
  const { KeyConditionExpression: expression } = input;
  if (typeof expression !== "string") return undefined;
  const names = record(input.ExpressionAttributeNames);
  for (const [, name = "", value = ""] of expression.matchAll(/(?<![\w.#:-])(#?[\w.-]+)\s*=\s*(:\w+)/g)) {
    if ((name.startsWith("#") ? names[name] : name) === hashKey) {
      return textOf(record(input.ExpressionAttributeValues)[value]);
    }
  }
  return undefined;
}

/** A string, number or binary as DynamoDB writes it: `{ "S": "a" }`. */
function textOf(value: unknown): string | undefined {
  const { S, N, B } = record(value);
  return [S, N, B].find((text) => typeof text === "string");
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
