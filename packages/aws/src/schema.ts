/**
 * The shapes that messages and items have in common, read with zod. Every string is bounded, and an ARN or an id
 * becomes a branded value by the core's own constructors or not at all.
 */
import { accountId, agentArn, agentId, callerArn, keyArn, roleArn } from "@bedrock-key-guard/core/arn.ts";
import type { Actor, Cause } from "@bedrock-key-guard/core/key/job.ts";
import type { Agent, AgentVersion } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";

/** The version that this code writes and the only one that it reads. */
export const VERSION = 1;

const LONGEST_ARN = 2_048;

function readBy<T>(read: (text: string) => T | undefined, what: string) {
  return z
    .string()
    .max(LONGEST_ARN)
    .transform((text, context): T => {
      const value = read(text);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: `\`${text.slice(0, 200)}\` is not ${what}` });
      return z.NEVER;
    });
}

export const accountIdText = readBy(accountId, "an account's id");
export const keyArnText = readBy(keyArn, "a kms key's arn");
export const agentArnText = readBy(agentArn, "an agent's arn");
export const agentIdText = readBy(agentId, "an agent's id");
export const roleArnText = readBy(roleArn, "a role's arn");
export const callerArnText = readBy(callerArn, "a role's or a user's arn");

export const time = z.iso.datetime();
export const id = z.string().min(1).max(256);
export const line = z.string().max(2_048);
/** Words of a person or of the guard in an item, which DynamoDB lets have 400 KB. */
export const words = z.string().max(409_600);
/** KMS's model lets a policy's text have this many characters; two of them still fit into an item. */
export const policyText = z.string().max(131_072);

/** JSON and DynamoDB leave `undefined` out; the domain's types name every field. */
export function orUndefined<T extends z.ZodType>(schema: T) {
  return schema.optional().transform((value) => value);
}

export const actor: z.ZodType<Actor> = z.object({
  arn: line.min(1),
  sessionName: orUndefined(line),
  invokedBy: orUndefined(line),
});

const cause = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("event"), id, eventName: id, actor, at: time, entry: id.optional() }),
  // A job that an older deployment queued says nothing of it.
  z.object({ kind: z.literal("sweep"), id, at: time, whole: z.boolean().default(false) }),
  z.object({ kind: z.literal("person"), id, by: line.min(1), reason: line, at: time }),
]);

/** More causes than this say nothing that the first hundred don't, and a message has 256 KB. */
export const MOST_CAUSES = 100;

export const causes: z.ZodType<readonly [Cause, ...Cause[]]> = z
  .tuple([cause], cause)
  .refine((list) => list.length <= MOST_CAUSES, `more than ${MOST_CAUSES} causes`);

/** A numbered version as Bedrock's model has it. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_AgentVersion.html */
export const VERSION_NUMBER = /^[0-9]{1,5}$/;

const agentVersion: z.ZodType<AgentVersion> = z.object({
  version: z.string().regex(VERSION_NUMBER),
  roleArn: orUndefined(roleArnText),
  keyArn: orUndefined(keyArnText),
  memoryEnabled: z.boolean(),
});

export const agent: z.ZodType<Agent> = z.object({
  id: agentIdText,
  arn: agentArnText,
  name: z.string().max(256),
  status: z.enum(["CREATING", "PREPARING", "PREPARED", "NOT_PREPARED", "DELETING", "FAILED", "VERSIONING", "UPDATING"]),
  roleArn: orUndefined(roleArnText),
  keyArn: orUndefined(keyArnText),
  createdAt: time,
  memoryEnabled: z.boolean(),
  // Absent in an item that was written before the guard read versions.
  versions: z.array(agentVersion).default([]),
});

/** What is wrong, in one line: where, and why; never the input itself, which may hold a policy. */
export function reasonOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join(".") || "the whole"}: ${issue.message}`)
    .join("; ");
}
