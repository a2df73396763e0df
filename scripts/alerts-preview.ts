/**
 * Writes a page that shows every kind of alert in every channel, to be read by eye before a text is changed on purpose.
 *
 *   npm run alerts:preview                     writes alerts-preview.html
 *   npm run alerts:preview -- --output FILE    elsewhere
 *
 * The alerts are those of the golden tests: made by the workflows themselves, in memory.
 */
import { writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { attributesOf } from "../packages/core/src/channel/attributes.ts";
import { chatNotificationOf } from "../packages/core/src/channel/chat.ts";
import { emailOf } from "../packages/core/src/channel/email.ts";
import { busEventOf } from "../packages/core/src/channel/event.ts";
import { slackMessageOf } from "../packages/core/src/channel/slack.ts";
import { allSamples } from "../tests/core/channel/samples.ts";
import { pageOf } from "./preview-page.ts";

const { values } = parseArgs({ options: { output: { type: "string", default: "alerts-preview.html" } } });
const file = resolve(values.output);
const shown = (await allSamples()).map(({ name, alert, event }) => ({
  name,
  severity: alert.severity,
  email: emailOf(alert),
  slack: slackMessageOf(alert),
  chat: chatNotificationOf(alert),
  data: {
    "SNS message attributes": attributesOf(alert),
    "EventBridge event": event && busEventOf(event),
    "JSON for programs": alert,
  },
}));
writeFileSync(file, pageOf(shown));
console.log(`${shown.length} alerts: ${relative(process.cwd(), file)}, ${pathToFileURL(file)}`);
