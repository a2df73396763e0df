/** What each channel takes, as its documentation says, judged apart from the code that renders for it. */
import * as z from "zod";

/** https://docs.slack.dev/reference/block-kit/blocks */
const text = (most: number) =>
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("plain_text"), text: z.string().min(1).max(most), emoji: z.boolean().optional() }),
    z.strictObject({ type: z.literal("mrkdwn"), text: z.string().min(1).max(most), verbatim: z.literal(true) }),
  ]);
const plainText = (most: number) =>
  z.strictObject({ type: z.literal("plain_text"), text: z.string().min(1).max(most), emoji: z.boolean().optional() });

const block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), text: plainText(150) }),
  z.strictObject({
    type: z.literal("section"),
    text: text(3_000).optional(),
    fields: z.array(text(2_000)).min(1).max(10).optional(),
    expand: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal("context"), elements: z.array(text(3_000)).min(1).max(10) }),
  z.strictObject({ type: z.literal("divider") }),
]);

export const SLACK = z.strictObject({
  text: z.string().min(1).max(4_000),
  blocks: z.array(block).min(1).max(50),
  link_names: z.literal(false),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
});

/** https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html */
export const CHAT = z.strictObject({
  version: z.literal("1.0"),
  source: z.literal("custom"),
  id: z.string().max(255),
  content: z.strictObject({
    textType: z.literal("client-markdown"),
    title: z.string().max(250),
    description: z.string().min(1).max(8_000),
    nextSteps: z.array(z.string().min(1).max(350)).max(10),
    keywords: z.array(z.string().max(75)).max(8),
  }),
  metadata: z.strictObject({
    threadId: z.string().max(255),
    summary: z.string().max(250),
    additionalContext: z.record(z.string(), z.string()),
  }),
});

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const SUBJECT = z.string().regex(/^[!-~][ -~]{0,98}$/);

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html: raw delivery to SQS takes ten. */
export const ATTRIBUTES = z
  .record(
    z.string().regex(/^[\w.-]{1,256}$/),
    z.strictObject({ DataType: z.enum(["String", "String.Array"]), StringValue: z.string().min(1) }),
  )
  .refine((all) => Object.keys(all).length <= 10);
