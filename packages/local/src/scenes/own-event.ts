/** `--event FILE`: a CloudTrail record of the user's on the event bus, with an agent and a key around it. */
import type { CloudTrailRecord } from "../contract.ts";
import { InputError } from "../input/input-error.ts";
import { identitiesIn, localise } from "../input/localise.ts";
import { type JsonObject, readJsonObject } from "../input/read-json.ts";
import type { Theatre } from "./theatre.ts";
import { recordText } from "./timeline.ts";

export function playEvent(file: string): (theatre: Theatre) => Promise<void> {
  const given = readJsonObject(file);
  const record = isObject(given.detail) ? given.detail : given;
  for (const field of ["eventSource", "eventName"]) {
    if (typeof record[field] !== "string") {
      throw new InputError(
        `\`${file}\` is no CloudTrail record: it has no text \`${field}\`; give one record, or the EventBridge event around it`,
      );
    }
  }
  return async (theatre) => {
    await theatre.settle();
    const { laptop, timeline } = theatre;
    timeline.title(`The event of ${file}`);
    const account = typeof record.recipientAccountId === "string" ? record.recipientAccountId : undefined;
    const region = typeof record.awsRegion === "string" ? record.awsRegion : undefined;
    const { text, notes } = localise(JSON.stringify(record), laptop, account, region);
    for (const note of notes) timeline.line("note", note);
    const local = JSON.parse(text) as CloudTrailRecord;
    for (const line of setUp(theatre, text, local)) timeline.line("note", line);
    timeline.line("event", recordText(local));
    const rules = await laptop.stack.publish(local);
    if (rules.length === 0) {
      timeline.line(
        "note",
        `no rule of the stack matches it${local.errorCode ? ": the call failed" : ""}; nothing happens`,
      );
    }
    await theatre.settle();
  };
}

/** The key and the agent that the record speaks of, so that the guard finds them. */
function setUp(theatre: Theatre, text: string, record: CloudTrailRecord): readonly string[] {
  const { world, account, region } = theatre.laptop;
  const { roles, users } = identitiesIn(text);
  for (const role of roles) world.plantRole(role);
  for (const user of users) world.plantUser(user);
  const keyArn = world.plantKey({ ...keyId(text) });
  const put = isObject(record.requestParameters) ? record.requestParameters.policy : undefined;
  if (record.eventName === "PutKeyPolicy" && typeof put === "string") world.plantPolicy(keyArn, put);
  const roleArn =
    roles.find((role) => isServiceRole(record, role)) ?? world.plantRole(theatre.role("service/EventBot")).arn;
  const id = agentId(text);
  const agent = world.plantAgent({ name: "event-bot", roleArn, keyArn, ...(id ? { id } : {}) });
  const whose = record.eventName === "PutKeyPolicy" ? "the record's policy" : "KMS's default policy";
  return [`agent ${agent.agentId} of ${account}, ${region} is on key ${keyArn}, with ${whose}`];
}

function isServiceRole(record: CloudTrailRecord, role: string): boolean {
  return JSON.stringify(record).includes(`"agentResourceRoleArn":${JSON.stringify(role)}`);
}

function keyId(text: string): { readonly id?: string } {
  const id = /:key\/([a-zA-Z0-9-]{36})/.exec(text)?.[1];
  return id === undefined ? {} : { id };
}

function agentId(text: string): string | undefined {
  return /"agentId":"([0-9A-Za-z]{10})"/.exec(text)?.[1];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
