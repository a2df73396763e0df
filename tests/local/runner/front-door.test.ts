import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { authorize } from "../../../packages/local/src/evaluator/authorize.ts";
import { type LocalStack, startLocalStack } from "../../../packages/local/src/runner/start.ts";
import { arn, queueUrl, smallGraph } from "./small-graph.ts";
import { administrator, clientOptions } from "./small-stack.ts";

let stack: LocalStack;

beforeAll(async () => {
  const root = new URL(".", import.meta.url).pathname;
  stack = await startLocalStack({
    graph: smallGraph(),
    authorize,
    root,
    timeScale: 600,
    services: () => [
      {
        signingName: "kms",
        handle: async ({ caller, headers }) => ({
          status: 200,
          headers: { "content-type": "application/x-amz-json-1.1" },
          body: JSON.stringify({ Keys: [], NextMarker: `${caller.kind} ${headers["x-amz-target"]}` }),
        }),
      },
    ],
  });
  return () => stack.stop();
});

function asWorker() {
  return clientOptions(stack, stack.callerOf("worker"));
}

describe("the front door", () => {
  it("listens on the loopback interface only", () => {
    expect(new URL(stack.endpoint).hostname).toBe("127.0.0.1");
  });

  it("hands a request to the service that it is signed for, with its caller", async () => {
    const answer = await new KMSClient(asWorker()).send(new ListKeysCommand({}));
    expect(answer.NextMarker).toBe("role TrentService.ListKeys");
  });

  it("refuses an access key that it does not know, in the protocol of the request", async () => {
    const stranger = { ...asWorker(), credentials: { accessKeyId: "ASIAUNKNOWN", secretAccessKey: "x" } };
    await expect(new KMSClient(stranger).send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    const publish = new PublishCommand({ TopicArn: arn("sns", "alerts"), Message: "x" });
    await expect(new SNSClient(stranger).send(publish)).rejects.toMatchObject({ Code: "InvalidClientTokenId" });
  });

  it("refuses a request without a signature", async () => {
    const response = await fetch(stack.endpoint, { method: "POST", body: "{}" });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("MissingAuthentication")]);
  });

  it("refuses what the role's policies do not allow", async () => {
    const put = { TableName: "state", Item: { pk: { S: "a" }, sk: { S: "b" } } };
    await new DynamoDBClient(asWorker()).send(new PutItemCommand(put));
    const get = new GetItemCommand({ TableName: "state", Key: put.Item });
    await expect(new DynamoDBClient(asWorker()).send(get)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("dynamodb:GetItem"),
    });
    const found = await new DynamoDBClient(clientOptions(stack, administrator)).send(get);
    expect(found.Item).toEqual(put.Item);
    const send = new SendMessageCommand({ QueueUrl: queueUrl("copies"), MessageBody: "x" });
    await expect(new SQSClient({ ...asWorker(), useQueueUrlAsEndpoint: false }).send(send)).rejects.toMatchObject({
      message: expect.stringContaining("sqs:SendMessage"),
    });
  });

  it("knows queues by the account's URLs", async () => {
    const client = new SQSClient({ ...clientOptions(stack, administrator), useQueueUrlAsEndpoint: false });
    onTestFinished(() => client.destroy());
    const found = await client.send(new GetQueueUrlCommand({ QueueName: "copies" }));
    expect(found.QueueUrl).toBe(queueUrl("copies"));
    const send = new SendMessageCommand({ QueueUrl: queueUrl("elsewhere"), MessageBody: "x" });
    await expect(client.send(send)).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  });

  it("delivers a publish by each subscription's protocol", async () => {
    const Message = JSON.stringify({ default: "for all", email: "for people", sqs: "for machines" });
    const publish = { TopicArn: arn("sns", "alerts"), Subject: "told", Message, MessageStructure: "json" };
    await new SNSClient(asWorker()).send(new PublishCommand(publish));
    expect(stack.mailbox.at(-1)).toMatchObject({ to: "team@example.com", subject: "told", text: "for people" });
    const client = new SQSClient({ ...clientOptions(stack, administrator), useQueueUrlAsEndpoint: false });
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl("copies") }));
    expect(Messages?.map(({ Body }) => Body)).toEqual(["for machines"]);
  });

  it("refuses a message for several protocols that has no default", async () => {
    const publish = { TopicArn: arn("sns", "alerts"), Message: '{"email":"x"}', MessageStructure: "json" };
    await expect(new SNSClient(asWorker()).send(new PublishCommand(publish))).rejects.toThrow("No default entry");
  });
});
