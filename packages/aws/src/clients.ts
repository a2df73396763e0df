/**
 * Makes the SDK clients of this package. One function a service, so that a bundle holds only the clients it uses.
 * A handler makes its clients once, when its module loads: connections then outlive an invocation.
 */
import { BedrockAgentClient } from "@aws-sdk/client-bedrock-agent";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { counted } from "./api-calls.ts";

/** `process.env`, or an object like it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Milliseconds. A call that hangs must end well before the function does, which has a minute, with all its repetitions:
 * the batch's other messages are to get their turn.
 */
const CONNECTION_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** A put that is given up may still have been taken, and has to be settled: it is waited for longer. */
const PUT_TIMEOUT_MS = 10_000;
/** For a page of a whole account's IAM: up to a thousand roles with their policies, some megabytes. */
const LARGE_PAGE_TIMEOUT_MS = 30_000;

/**
 * What every client has in common. Standard: what fails for the moment is sent again after a pause that doubles, of a
 * random part of its length, and only while not too much fails.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function settings(environment: Environment, requestTimeout = REQUEST_TIMEOUT_MS) {
  const region = environment.AWS_REGION;
  const endpoint = environment.AWS_ENDPOINT_URL;
  return {
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    retryMode: "standard",
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout,
      // Without it the SDK only warns that the time is up.
      throwOnRequestTimeout: true,
    },
  };
}

/**
 * Adaptive: as standard, and slower as a whole while Bedrock throttles. Its reads have small account-wide quotas that
 * can't be raised.
 */
export function bedrockAgentClient(environment: Environment): BedrockAgentClient {
  return counted(
    "bedrock-agent",
    new BedrockAgentClient({ ...settings(environment), retryMode: "adaptive", maxAttempts: 6 }),
  );
}

export function kmsClient(environment: Environment): KMSClient {
  return counted("kms", new KMSClient(settings(environment)));
}

/**
 * For PutKeyPolicy only, and never repeated by the SDK: KMS has no version check, so a put that is sent again after
 * a pause could undo what someone else wrote in between. The queue repeats the whole job, from a fresh reading.
 */
export function kmsWriterClient(environment: Environment): KMSClient {
  return counted("kms", new KMSClient({ ...settings(environment, PUT_TIMEOUT_MS), maxAttempts: 1 }));
}

export function iamClient(environment: Environment): IAMClient {
  return counted("iam", new IAMClient(settings(environment)));
}

/** For reading the whole account's IAM. Adaptive: its quota is not published, and is the account's other tools' too. */
export function iamDirectoryClient(environment: Environment): IAMClient {
  return counted(
    "iam",
    new IAMClient({ ...settings(environment, LARGE_PAGE_TIMEOUT_MS), retryMode: "adaptive", maxAttempts: 6 }),
  );
}

/**
 * For putting and deleting a caller's policy only, and never repeated by the SDK: a put that is sent again after a pause
 * could undo what a person has taken away in between. The queue repeats the whole review, from a fresh reading.
 */
export function iamWriterClient(environment: Environment): IAMClient {
  return counted("iam", new IAMClient({ ...settings(environment, PUT_TIMEOUT_MS), maxAttempts: 1 }));
}

export function dynamoClient(environment: Environment): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(counted("dynamodb", new DynamoDBClient(settings(environment))), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

/** With an explicit endpoint, the host in a queue's URL is not followed: it may be a real AWS host. */
export function sqsClient(environment: Environment): SQSClient {
  const explicit = environment.AWS_ENDPOINT_URL ? { useQueueUrlAsEndpoint: false } : {};
  return counted("sqs", new SQSClient({ ...settings(environment), ...explicit }));
}

export function snsClient(environment: Environment): SNSClient {
  return counted("sns", new SNSClient(settings(environment)));
}

export function eventBridgeClient(environment: Environment): EventBridgeClient {
  return counted("events", new EventBridgeClient(settings(environment)));
}

export function cloudTrailClient(environment: Environment): CloudTrailClient {
  return counted("cloudtrail", new CloudTrailClient(settings(environment)));
}
