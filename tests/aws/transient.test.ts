import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { UnreadableAgentError } from "../../packages/aws/src/bedrock-agents.ts";
import {
  bedrockAgentClient,
  dynamoClient,
  iamClient,
  kmsClient,
  kmsWriterClient,
  snsClient,
  sqsClient,
} from "../../packages/aws/src/clients.ts";
import { AwsCallError, isTransient } from "../../packages/aws/src/errors.ts";
import { kmsKeys } from "../../packages/aws/src/kms.ts";
import { agent } from "../../packages/aws/src/schema.ts";
import { itemKey, readItem, UnreadableItemError } from "../../packages/aws/src/table.ts";
import { sampleAgentId, sampleKey } from "./samples.ts";
import { json, refusal, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
afterEach(() => wire.answer());

/** What an adapter throws when the service answers so, from a client that asks once. */
async function thrownFor(code: string, status: number): Promise<unknown> {
  wire.answer(refusal(code, status));
  return kmsKeys(kmsWriterClient(wire.environment)).policy(sampleKey()).then(undefined, caught);
}

const caught = (error: unknown) => error;

describe("another try may mend", () => {
  test.each([
    ["ThrottlingException", 400],
    ["Throttling", 400],
    ["RequestThrottled", 403],
    ["TooManyRequestsException", 429],
    ["AnythingAtAll", 429],
    ["LimitExceededException", 429],
    ["ProvisionedThroughputExceededException", 400],
    ["RequestLimitExceeded", 400],
    ["TransactionConflictException", 400],
    ["KmsThrottled", 400],
    ["KMSThrottlingException", 400],
    ["RequestTimeout", 400],
    ["KMSInternalException", 500],
    ["InternalServerError", 500],
    ["NotImplemented", 501],
    ["ServiceUnavailable", 503],
    ["DependencyTimeoutException", 503],
  ])("`%s` with status %i", async (code, status) => {
    const error = await thrownFor(code, status);
    expect(error).toBeInstanceOf(AwsCallError);
    expect(isTransient(error)).toBe(true);
    expect(isTransient(new Error("the look at the key failed", { cause: error }))).toBe(true);
  });

  test("a connection that nobody takes", async () => {
    const nobody = { ...wire.environment, AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
    const error = await kmsKeys(kmsWriterClient(nobody)).policy(sampleKey()).then(undefined, caught);
    expect(error).toBeInstanceOf(AwsCallError);
    expect(isTransient(error)).toBe(true);
  });

  test.each(["ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"])("a network's `%s`", (code) => {
    expect(isTransient(Object.assign(new Error("the network"), { code }))).toBe(true);
  });

  test("a call that took too long", () => {
    const late = Object.assign(new Error("late"), { name: "TimeoutError" });
    expect(isTransient(new AwsCallError("kms:GetKeyPolicy", sampleKey(), late))).toBe(true);
  });
});

describe("another try does not mend", () => {
  test.each([
    ["ValidationException", 400],
    ["LimitExceededException", 400],
    ["MalformedPolicyDocumentException", 400],
    ["ConditionalCheckFailedException", 400],
    ["ResourceNotFoundException", 400],
    ["UnrecognizedClientException", 403],
    ["KMSInvalidStateException", 409],
  ])("`%s` with status %i", async (code, status) => {
    expect(isTransient(await thrownFor(code, status))).toBe(false);
  });

  test.each([
    ["a bug", new TypeError("x is not a function")],
    ["an item that can't be read", new UnreadableItemError("the item can't be read")],
    ["an agent that can't be read", new UnreadableAgentError("the agent can't be read")],
    ["what was ended on purpose", abortedBy(Object.assign(new Error("late"), { name: "TimeoutError" }))],
    ["an error without an error behind it", new Error("x", { cause: null })],
    ["an error about a text", new Error("x", { cause: "ThrottlingException" })],
    ["no error", undefined],
    ["nothing", null],
    ["a text", "ThrottlingException"],
    ["an object", { name: "ThrottlingException" }],
  ])("%s", (_what, error) => expect(isTransient(error)).toBe(false));

  test("an error that is its own cause", () => {
    const error = new Error("round");
    error.cause = error;
    expect(isTransient(error)).toBe(false);
  });
});

function abortedBy(cause: Error): AwsCallError {
  return new AwsCallError(
    "kms:GetKeyPolicy",
    "a key",
    Object.assign(new Error("x", { cause }), { name: "AbortError" }),
  );
}

describe("the clients", () => {
  const mode = async ({ config }: { config: { retryStrategy(): Promise<unknown> } }) =>
    ((await config.retryStrategy()) as { readonly mode: string }).mode;

  test("repeat with the SDK's backoff and jitter, in standard mode, and Bedrock's in adaptive mode", async () => {
    const made = [kmsClient, iamClient, dynamoClient, sqsClient, snsClient].map((make) => make(wire.environment));
    expect(await Promise.all(made.map(mode))).toEqual(Array(5).fill("standard"));
    expect(await Promise.all(made.map(({ config }) => config.maxAttempts()))).toEqual(Array(5).fill(4));
    expect(await mode(bedrockAgentClient(wire.environment))).toBe("adaptive");
  });

  test("repeat a read of KMS and of DynamoDB that the service could not serve", async () => {
    const outage = refusal("InternalServerError", 500);
    wire.answer(outage, outage, outage, json({ Policy: "{}" }));
    expect(await kmsKeys(kmsClient(wire.environment)).policy(sampleKey())).toEqual({ kind: "found", text: "{}" });
    expect(wire.requests).toHaveLength(4);

    wire.answer(outage, outage, json({}));
    const table = { client: dynamoClient(wire.environment), name: "guard" };
    expect(await readItem(table, itemKey.agent(sampleAgentId()), agent)).toBeUndefined();
    expect(wire.requests).toHaveLength(3);
  });

  test("repeat a read that was throttled", async () => {
    wire.answer(refusal("ThrottlingException"), json({ Policy: "{}" }));
    expect(await kmsKeys(kmsClient(wire.environment)).policy(sampleKey())).toEqual({ kind: "found", text: "{}" });
  });

  test("give up after four tries, and throw what another try may still mend", async () => {
    wire.answer(refusal("KMSInternalException", 500));
    const error = await kmsKeys(kmsClient(wire.environment)).policy(sampleKey()).then(undefined, caught);
    expect(wire.requests).toHaveLength(4);
    expect(isTransient(error)).toBe(true);
  });

  test("ask once where the answer is a refusal", async () => {
    wire.answer(refusal("AccessDeniedException"));
    expect(await kmsKeys(kmsClient(wire.environment)).policy(sampleKey())).toMatchObject({ kind: "denied" });
    expect(wire.requests).toHaveLength(1);
  });

  test("never repeat a put of a policy by themselves", async () => {
    expect(await kmsWriterClient(wire.environment).config.maxAttempts()).toBe(1);
  });
});
