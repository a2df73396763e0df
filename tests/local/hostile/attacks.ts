/** Messages that nobody honest sends, and what is to come of each. */
import { agentRecord, event, type House, keyJob, keyRecord, lookAgain, nested } from "./town.ts";

export interface Attack {
  /** What is wrong with it. */
  readonly is: string;
  readonly body: string;
  /** Of the key queue; default: the attacked key. */
  readonly group?: string;
  /** Part of the logged reason. */
  readonly reason: string;
}

const BUCKET = "arn:aws:s3:::a-bucket";
const FOREIGN_KEY = "arn:aws:kms:eu-west-1:999988887777:key/00000000-0000-4000-8000-000000000001";
const ABSENT_AGENT = "NOSUCHAGNT";

/** Anything on any queue. */
function rubbish(notAMessage: string): readonly Attack[] {
  return [
    { is: "no JSON", body: "<!channel> not json", reason: "the message is not JSON" },
    { is: "200 KB of junk", body: "x".repeat(200_000), reason: "the message is not JSON" },
    { is: "oversized", body: JSON.stringify("x".repeat(300_000)), reason: "at most 262144 are read" },
    { is: "nested deeply", body: nested(90_000), reason: notAMessage },
    { is: "nested deeply and open", body: "[".repeat(200_000), reason: "the message is not JSON" },
    { is: "null", body: "null", reason: notAMessage },
    { is: "a list", body: "[1,2,3]", reason: notAMessage },
    { is: "of another shape", body: '{"hello":{"world":[]}}', reason: notAMessage },
    {
      is: "all prototypes",
      body: '{"__proto__":{"v":1,"kind":"start","AlarmName":"x"},"constructor":{"prototype":{"v":1,"kind":"start"}}}',
      reason: notAMessage,
    },
  ];
}

/** What the intake queue is to send to its dead letters. */
export function badForIntake({ key, agentId }: House): readonly Attack[] {
  const record = (is: string, change: object, reason: string): Attack => ({
    is: `a record with ${is}`,
    body: event(agentRecord(agentId, { ...change })),
    reason,
  });
  return [
    ...rubbish("not an event with a cloudtrail record"),
    record("a path in the agent's id", { requestParameters: { agentId: "../../keys/x" } }, "is not an agent's id"),
    record("a query in the agent's id", { requestParameters: { agentId: "A1B2C3D4E?" } }, "is not an agent's id"),
    record("an escape in the agent's id", { requestParameters: { agentId: "A1B2%2e%2e" } }, "is not an agent's id"),
    record("a line feed in the agent's id", { requestParameters: { agentId: "A1B2C3D4E5\n" } }, "is not an agent's id"),
    record("a list of agents", { requestParameters: { agentId: [agentId] } }, "expected string, received array"),
    record("no agent", { requestParameters: null }, "neither request nor response has an agentId"),
    record("no time", { eventTime: "yesterday" }, "detail.eventTime"),
    record("a huge actor", { userIdentity: { arn: "a".repeat(10_000) } }, "detail.userIdentity.arn"),
    record(
      "a prototype for a request",
      { requestParameters: JSON.parse('{"__proto__":{"agentId":"A1B2C3D4E5"}}') },
      "neither request nor response has an agentId",
    ),
    { is: "a record of a bucket", body: event(keyRecord(BUCKET)), reason: "is not a kms key's arn" },
    {
      is: "a record of an alias",
      body: event(keyRecord("arn:aws:kms:eu-west-1:111122223333:alias/main")),
      reason: "is not a kms key's arn",
    },
    {
      is: "a record with a huge policy",
      body: event(keyRecord(key, { requestParameters: { policy: " ".repeat(140_000) } })),
      reason: "detail.requestParameters.policy",
    },
    { is: "a job for the other queue", body: keyJob(key), reason: "this queue takes `look-again`" },
    { is: "a job of another version", body: lookAgain(key, { v: 2 }), reason: "the message has version `2`" },
    { is: "a job without one", body: lookAgain(key, { v: null }), reason: "the message has version `null`" },
    { is: "a job for a bucket", body: lookAgain(key, {}, { key: BUCKET }), reason: "is not a kms key's arn" },
    { is: "a job without causes", body: lookAgain(key, {}, { causes: [] }), reason: "job.causes" },
    { is: "a job before its time", body: lookAgain(key, {}, { attempt: -1 }), reason: "job.attempt" },
    { is: "a job of endless tries", body: lookAgain(key, {}, { attempt: 1e300 }), reason: "job.attempt" },
  ];
}

/** What the intake queue is to drop, saying why. */
export function droppedByIntake({ key, agentId }: House): readonly Attack[] {
  return [
    {
      is: "an unknown event",
      body: event(agentRecord(agentId, { eventName: "<!channel>\u001b[2J" })),
      reason: "is not an event that the guard acts on",
    },
    {
      is: "another service's event",
      body: event(agentRecord(agentId, { eventSource: "s3.amazonaws.com" })),
      reason: "is not an event that the guard acts on",
    },
    {
      is: "an event of another account",
      body: event(keyRecord(key), { account: "999988887777" }),
      reason: "it comes from account `999988887777`",
    },
    {
      is: "another kind of event",
      body: event(keyRecord(key), { "detail-type": "Object Created" }),
      reason: "its detail-type is `Object Created`",
    },
    {
      is: "a failed call",
      body: event(agentRecord(agentId, { errorCode: "AccessDenied" })),
      reason: "the call failed with `AccessDenied`",
    },
  ];
}

/** What looks honest and is not: taken in, and of no effect. */
export function harmlessForIntake({ key, agentId }: House): readonly Attack[] {
  const junk = (is: string, policy: string): Attack => ({
    is: `a PutKeyPolicy of ${is}`,
    body: event(keyRecord(key, { requestParameters: { keyId: key, policy } })),
    reason: "queued",
  });
  return [
    junk("junk", "}{ <!channel>"),
    junk("another shape", '["no", "policy"]'),
    junk("prototypes", '{"__proto__":{"Statement":[]},"Statement":{"__proto__":[]}}'),
    junk("deep nesting", `{"Statement":${nested(30_000)}}`),
    junk("deep nesting in a statement", `{"Statement":[{"Action":"*","Condition":${nested(30_000)}}]}`),
    {
      is: "an event with deep nesting beside the point",
      body: event(agentRecord(agentId)).replace(
        '"responseElements":null',
        `"responseElements":{"x":${nested(50_000)}}`,
      ),
      reason: "queued",
    },
    {
      is: "an agent that does not exist",
      body: event(agentRecord(ABSENT_AGENT)),
      reason: "has no customer managed key",
    },
    { is: "a key that does not exist", body: event(keyRecord(FOREIGN_KEY)), reason: "no agent uses the key" },
  ];
}

/** What the key queue is to send to its dead letters. */
export function badForKeys({ key, agentId }: House, other: House): readonly Attack[] {
  return [
    ...rubbish("not a message of the guard"),
    { is: "of an unknown version", body: keyJob(key, { v: 99 }), reason: "the message has version `99`" },
    { is: 'of version "1"', body: keyJob(key, { v: "1" }), reason: 'the message has version `"1"`' },
    { is: "another message of the guard", body: lookAgain(key), reason: "this queue takes `key-job`" },
    { is: "a job for a bucket", body: keyJob(BUCKET), group: BUCKET, reason: "is not a kms key's arn" },
    { is: "a job for a bare id", body: keyJob(key.split("/")[1] ?? ""), reason: "is not a kms key's arn" },
    { is: "a job for a list of keys", body: keyJob(key, { key: [key] }), reason: "key: Invalid input" },
    { is: "a job in another key's group", body: keyJob(other.key), reason: "the job's key is not its message group" },
    { is: "a job with a hostile agent", body: keyJob(key, { agents: ["../../x"] }), reason: "is not an agent's id" },
    {
      is: "a job of 6000 agents",
      body: keyJob(key, { agents: Array(6_000).fill(agentId) }),
      reason: "agents: Too big",
    },
    { is: "a job without causes", body: keyJob(key, { causes: [] }), reason: "causes" },
    { is: "a job with an unknown cause", body: keyJob(key, { causes: [{ kind: "whim", id: "1" }] }), reason: "causes" },
  ];
}

/** Jobs that can be read, for keys and agents that are not as they say. */
export function harmlessForKeys({ key, agentId }: House): readonly Attack[] {
  return [
    {
      is: "a key of another account",
      body: keyJob(FOREIGN_KEY, { agents: [agentId] }),
      group: FOREIGN_KEY,
      reason: "",
    },
    { is: "an agent that does not exist", body: keyJob(key, { agents: [ABSENT_AGENT] }), reason: "" },
    { is: "members that nobody knows", body: keyJob(key, { policy: "{}", mode: "enforce", bypass: true }), reason: "" },
    { is: "hostile members", body: keyJob(key).replace("{", '{"__proto__":{"mode":"enforce"},'), reason: "" },
  ];
}

/** What the sweep queue is to send to its dead letters. */
export function badForSweep({ key }: House): readonly Attack[] {
  const page = (change: object) =>
    JSON.stringify({ v: 1, kind: "page", sweepId: "s", pageNumber: 1, unread: 0, ...change });
  return [
    ...rubbish("not a message of the guard"),
    { is: "a job for a key", body: keyJob(key), reason: "this queue takes `start`, `page`" },
    { is: "a start of another version", body: '{"v":0,"kind":"start"}', reason: "the message has version `0`" },
    { is: "page zero", body: page({ pageNumber: 0 }), reason: "pageNumber" },
    { is: "a page of no sweep", body: page({ sweepId: "" }), reason: "sweepId" },
    {
      is: "a hostile agent of a page",
      body: JSON.stringify({ v: 1, kind: "agent", sweepId: "s", agent: "../../x" }),
      reason: "is not an agent's id",
    },
    { is: "a page with a huge token", body: page({ nextToken: "x".repeat(3_000) }), reason: "nextToken" },
    { is: "a page with a made-up token", body: page({ nextToken: "../../../x?y=1" }), reason: "is put back" },
  ];
}

/** What the slack queue is to send to its dead letters. */
export function badForSlack(): readonly Attack[] {
  return [
    ...rubbish("not an alert of the guard"),
    {
      is: "an alert of another version",
      body: '{"v":1,"kind":"repaired"}',
      reason: "not an alert of the guard in version",
    },
    { is: "an alarm of another shape", body: '{"AlarmName":{"x":1}}', reason: "not a cloudwatch alarm" },
    { is: "a notification with its envelope", body: '{"Type":"Notification","Message":"x"}', reason: "not an alert" },
  ];
}
