/** An alert as a message of Slack's Block Kit. It decides nothing: the alert carries its reasons. */
import type { Alert, AlertFinding } from "../alert/alert.ts";
import {
  type Block,
  codeBlock,
  context,
  fields,
  header,
  links,
  message,
  paragraph,
  type SlackMessage,
} from "./block-kit.ts";
import {
  aboutText,
  accountText,
  agentLink,
  agentText,
  causesText,
  isVerbatim,
  keyLink,
  keyText,
  LABELS,
  lifeOf,
} from "./words.ts";

export function slackMessageOf(alert: Alert): SlackMessage {
  const title = `${symbolOf(alert)} ${LABELS[alert.kind]} (${alert.severity})`;
  return message(`${title}: ${alert.headline}`, [
    header(title),
    paragraph("", alert.headline),
    ...(alert.perhapsAgain
      ? [context("You may have got this before: the first attempt ended without an answer.")]
      : []),
    fields(where(alert)),
    ...consoles(alert),
    ...alert.findings.filter(({ detail }) => detail !== "").flatMap((one) => findingBlocks(one, alert)),
    ...listed(alert),
    ...alert.sections.map(({ title: heading, lines }) => paragraph(heading, lines.join("\n"))),
    ...stepBlocks("What to do", alert.nextSteps),
    ...stepBlocks("To undo it, or to hear no more of it", alert.wayBack),
    context(`${alert.severity} · mode ${alert.mode} · ${alert.at} · ${alert.id}`),
  ]);
}

function symbolOf({ severity, kind }: Alert): string {
  if (kind === "resolved") return "✅";
  if (kind === "digest") return "🗞️";
  if (severity === "critical") return "🚨";
  if (kind === "repaired" || kind === "rolled-back") return "🔧";
  return kind === "proposed" ? "📝" : "⚠️";
}

function where(alert: Alert): readonly (readonly [string, string])[] {
  const { callers, keys, agents, causes } = alert;
  return [
    ...(callers.length > 0 ? [["Callers", list(callers)] as const] : []),
    ...(agents.length > 0 ? [["Agents", list(agents.map(agentText))] as const] : []),
    ...(keys.length > 0 ? [["Keys", list(keys.map(keyText))] as const] : []),
    ...(causes.length > 0 ? [["Who did it", list(causesText(causes))] as const] : []),
    ["Account", accountText(alert)],
  ];
}

function consoles({ keys, agents, region }: Alert): readonly Block[] {
  const [key, agent] = [keys.length === 1 ? keys[0] : undefined, agents.length === 1 ? agents[0] : undefined];
  const pairs = [
    ...(key ? [["Key in the console", keyLink(key.arn)] as const] : []),
    ...(agent ? [["Agent in the console", agentLink(agent.id, region)] as const] : []),
  ];
  return pairs.length === 0 ? [] : [links(pairs)];
}

function findingBlocks(finding: AlertFinding, alert: Alert): readonly Block[] {
  const { title, detail, severity, evidence, diff } = finding;
  return [
    paragraph(
      `${title} (${severity})`,
      `${alert.findings.length > 1 ? `${aboutText(finding, alert)}\n` : ""}${detail}\n${lifeOf(finding)} · ${finding.kind} ${finding.refs.join(" ")}`,
    ),
    ...(evidence.length > 0 ? [codeBlock("Statements", evidence)] : []),
    ...(diff.length > 0 ? [codeBlock(finding.change === "happened" ? "What was changed" : "The change", diff)] : []),
  ];
}

/** A digest's and a reminder's findings are in their sections. */
function listed(alert: Alert): readonly Block[] {
  const { findings, kind } = alert;
  const short = kind === "digest" || kind === "reminder" ? [] : findings.filter(({ detail }) => detail === "");
  if (short.length === 0) return [];
  return [
    paragraph(
      "And",
      list(short.map((one) => `${one.severity}: ${one.title}; ${aboutText(one, alert)} [${one.refs[0]}]`)),
    ),
  ];
}

/** Prose as prose, what is to be copied as code; a snippet of many lines in a block of its own. */
function stepBlocks(title: string, steps: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let prose: string[] = [];
  let heading = title;
  for (const step of steps) {
    if (!isVerbatim(step)) {
      prose.push(step);
      continue;
    }
    if (prose.length > 0) blocks.push(paragraph(heading, prose.join("\n")));
    if (prose.length > 0) heading = "";
    prose = [];
    blocks.push(codeBlock(blocks.length === 0 ? heading : "", [step]));
  }
  return prose.length > 0 ? [...blocks, paragraph(heading, prose.join("\n"))] : blocks;
}

const LONGEST_LIST = 8;

function list(lines: readonly string[]): string {
  const more = lines.length - LONGEST_LIST;
  return [...lines.slice(0, LONGEST_LIST), ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}

/** What CloudWatch tells of an alarm. */
export interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription?: string | null | undefined;
  readonly NewStateValue: string;
  readonly NewStateReason: string;
  readonly StateChangeTime?: string | null | undefined;
  readonly AWSAccountId?: string | null | undefined;
  readonly Region?: string | null | undefined;
}

export function slackMessageOfAlarm(alarm: Alarm): SlackMessage {
  const raised = alarm.NewStateValue === "ALARM";
  const title = `${raised ? "🚨 Alarm" : `ℹ️ Alarm is ${alarm.NewStateValue}`}: ${alarm.AlarmName}`;
  // The descriptions of the guard's alarms say one thing a part, commands by themselves.
  const steps = (alarm.AlarmDescription ?? "").split(" -- ").filter((part) => part !== "");
  return message(title, [
    header(title),
    ...(steps.length > 0 ? stepBlocks("", steps) : [paragraph("", alarm.NewStateReason)]),
    ...(steps.length > 0 ? [paragraph("Why", alarm.NewStateReason)] : []),
    context([alarm.AWSAccountId, alarm.Region, alarm.StateChangeTime].filter(Boolean).join(" · ") || "CloudWatch"),
  ]);
}

/** The same without blocks, which Slack can't refuse for their form. */
export function plainMessageOf({ blocks: _, ...message }: SlackMessage): Omit<SlackMessage, "blocks"> {
  const more =
    "Slack did not take the whole message: it is in the email, and `bedrock-key-guard findings` lists what is open.";
  return { ...message, text: `${message.text}\n${more}` };
}
