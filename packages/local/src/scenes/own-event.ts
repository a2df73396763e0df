/** `--event FILE`: a CloudTrail record of the user's on the event bus, with an agent and a key around it. */
import { accountId } from "@bedrock-key-guard/core/arn.ts";
import { parsePolicy } from "@bedrock-key-guard/core/policy/document.ts";
import { readEvent } from "@bedrock-key-guard/functions/cloudtrail.ts";
import type { CloudTrailRecord } from "../contract.ts";
import { InputError } from "../input/input-error.ts";
import { identitiesIn, localise } from "../input/localise.ts";
import { type JsonObject, readJsonObject } from "../input/read-json.ts";
import type { Laptop } from "../laptop.ts";
import type { KeyState } from "../services/kms/keys.ts";
import { sweepNow } from "./scenes.ts";
import type { Theatre } from "./theatre.ts";
import { recordText } from "./timeline.ts";

const RECORD = "one CloudTrail record, or the EventBridge event around it";

export function playEvent(file: string): (theatre: Theatre) => Promise<void> {
  const given = readJsonObject(file, RECORD);
  const record = isObject(given.detail) ? given.detail : given;
  for (const field of ["eventSource", "eventName"]) {
    if (typeof record[field] !== "string") {
      throw new InputError(`\`${file}\` is no CloudTrail record: it has no text \`${field}\`; give ${RECORD}`);
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
    mustBeReadable(file, local, laptop);
    const { keyArn, note } = setUp(theatre, text, local);
    timeline.line("note", note);
    if (local.eventSource === "kms.amazonaws.com") {
      // The guard acts on a key only when it knows an agent that uses it: it meets them as they were before the call.
      timeline.line("note", "the guard's sweep finds them; then comes the call of the record");
      await sweepNow(laptop.stack);
      await theatre.settle();
      call(laptop, keyArn, local);
    }
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

/** Asked first, by the guard's own reading: a malformed message would only be seen to fail after its retries. */
function mustBeReadable(file: string, record: CloudTrailRecord, { account }: Laptop): void {
  const own = accountId(account);
  if (!own) throw new Error(`\`${account}\` is no account id`);
  const reading = readEvent({ "detail-type": "AWS API Call via CloudTrail", account, detail: record }, own);
  if (reading.kind === "malformed") {
    throw new InputError(
      `\`${file}\`: the guard can't read it, ${reading.reason}; give ${RECORD}, as CloudTrail wrote it`,
    );
  }
}

/** The key and the agent that the record speaks of, so that the guard finds them. */
function setUp(theatre: Theatre, text: string, record: CloudTrailRecord): { keyArn: string; note: string } {
  const { world, account, region } = theatre.laptop;
  const { roles, users } = identitiesIn(text);
  for (const role of roles) world.plantRole(role);
  for (const user of users) world.plantUser(user);
  const keyArn = world.plantKey({ ...keyId(text) });
  const roleArn =
    roles.find((role) => isServiceRole(record, role)) ?? world.plantRole(theatre.role("service/EventBot")).arn;
  const id = agentId(text);
  const agent = world.plantAgent({ name: "event-bot", roleArn, keyArn, ...(id ? { id } : {}) });
  const note = `agent ${agent.agentId} of ${account}, ${region} is on key ${keyArn}, with KMS's default policy`;
  return { keyArn, note };
}

const STATES: Readonly<Record<string, KeyState>> = {
  DisableKey: "Disabled",
  ScheduleKeyDeletion: "PendingDeletion",
  CancelKeyDeletion: "Disabled",
};

/** What the recorded call did to its key. */
function call({ world }: Laptop, keyArn: string, { eventName, requestParameters }: CloudTrailRecord): void {
  const policy = isObject(requestParameters) ? requestParameters.policy : undefined;
  if (eventName === "PutKeyPolicy" && typeof policy === "string") {
    if (parsePolicy(policy).kind === "policy") world.plantPolicy(keyArn, policy);
    else world.plantPolicyText(keyArn, policy);
  }
  const state = STATES[eventName];
  if (state) world.setKeyState(keyArn, state);
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
