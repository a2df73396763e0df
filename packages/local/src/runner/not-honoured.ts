/**
 * What the local AWS does not honour of the resource graph, and why that can't hide a defect.
 *
 * INVARIANT: whatever stands neither here nor in a reader is an error at start-up, so that the deployed stack can't
 * grow something that no test runs.
 */

const TAGS = "tags of the guard's own resources: no policy of the stack reads them";
const ENCRYPTION = "encryption at rest: nothing is at rest here";

/** Properties by resource type; a property of a block is written `block.property`. */
export const NOT_HONOURED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "aws:sqs/queue:Queue": {
    messageRetentionSeconds: "a run ends before any message does",
    sqsManagedSseEnabled: ENCRYPTION,
    tags: TAGS,
  },
  "aws:sns/topic:Topic": {
    displayName: "the sender's name of an email: the mailbox shows subject and text",
    tags: TAGS,
  },
  "aws:dynamodb/table:Table": {
    pointInTimeRecovery: "a backup that only a person restores from",
    deletionProtectionEnabled: "the front door refuses to delete tables anyway",
    serverSideEncryption: ENCRYPTION,
    "ttl.attributeName": "items that nobody needs any more are deleted late, some days on AWS: no reader counts on it",
    "ttl.enabled": "dynalite deletes no item by itself",
    tags: TAGS,
  },
  "aws:lambda/function:Function": {
    architectures: "the bundle is JavaScript and runs on this machine's processor",
    code: "the bundle's archive: the runner starts the bundle itself",
    description: "a text for people",
    ephemeralStorage: "the functions write no files",
    s3Bucket: "where the deployment uploads the bundle's archive",
    s3Key: "where the deployment uploads the bundle's archive",
    sourceCodeHash: "tells the deployment that the bundle changed",
    tags: TAGS,
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": { tags: TAGS },
  "aws:lambda/invocation:Invocation": { triggers: "makes each deployment invoke again; a run is one deployment" },
  "aws:iam/role:Role": {
    description: "a text for people",
    forcePathDetach: "how the deployment deletes the role",
    forceDetachPolicies: "how the deployment deletes the role",
    maxSessionDuration: "a run ends before any session does",
    tags: TAGS,
  },
  "aws:cloudwatch/eventRule:EventRule": {
    description: "a text for people",
    forceDestroy: "how the deployment deletes the rule",
    tags: TAGS,
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    forceDestroy: "how the deployment deletes the target",
    retryPolicy:
      "the local bus delivers at the first try, or fails for good: a refusal is not retried by EventBridge either",
  },
  "aws:scheduler/schedule:Schedule": {
    description: "a text for people",
    flexibleTimeWindow: "schedules are triggered by hand",
    scheduleExpression: "schedules are triggered by hand",
    scheduleExpressionTimezone: "schedules are triggered by hand",
    "target.retryPolicy": "a refusal is not retried",
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    tags: TAGS,
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    retentionInDays: "a run ends before any line does",
    skipDestroy: "how the deployment deletes the group",
    tags: TAGS,
  },
};

/** Metrics of AWS that have no data here, and why no alarm on them can ring. */
export const UNSEEN_METRICS: Readonly<Record<string, string>> = {
  "AWS/Lambda Throttles": "the local Lambda runs whatever it is asked to",
  "AWS/SQS ApproximateAgeOfOldestMessage": "a run ends before a message is old, and waits for its queues to be empty",
  "AWS/SNS NumberOfNotificationsFailed":
    "a mailbox takes every mail; a queue that refuses is told as lacking a permission",
};

/** Whole resource types, by their beginning. */
export const NOT_HONOURED_TYPES: Readonly<Record<string, string>> = {
  "sst:": "a component of SST: a name for the AWS resources under it, which are in the graph themselves",
  "random:": "SST's random names",
  "aws:lambda/functionRecursionConfig:": "whether Lambda stops a loop of invocations: the local AWS stops none",
  "aws:chatbot/":
    "Amazon Q Developer shows two topics in a chat: what is published on them is held against its schema by tests",
  "aws:cloudwatch/dashboard:": "a page for people: what it names is held by tests",
  "aws:s3/bucketObject": "where the deployment uploads the bundles' archives",
};
