/** An alert as a message of Slack's Block Kit. It decides nothing: the alert carries its reasons. */
import type { Alert, AlertFinding } from "../alert/alert.ts";
import {
  type Block,
  codeBlock,
  context,
  facts,
  header,
  links,
  message,
  type Part,
  paragraph,
  type SlackMessage,
  wholeCodeBlock,
} from "./block-kit.ts";
import {
  aboutText,
  accountText,
  agentLink,
  agentText,
  causesText,
  isAddress,
  isDone,
  isVerbatim,
  keyLink,
  keyText,
  labelOf,
  lifeOf,
  reasonTitle,
  WHOLE,
} from "./words.ts";

/** What is wrong, where and who did it stay whatever is cut; then what to do, then why it matters, statements last. */
export function slackMessageOf(alert: Alert): SlackMessage {
  const title = `${symbolOf(alert)} ${labelOf(alert)}`;
  return message(`${title}: ${alert.headline}`, [
    ...ranked(0, [
      header(title),
      paragraph("", [alert.headline], HEADLINE),
      ...(alert.perhapsAgain
        ? [context("You may have got this before: the first attempt ended without an answer.")]
        : []),
      facts(where(alert)),
    ]),
    ...ranked(2, consoles(alert)),
    ...alert.findings.filter(({ detail }) => detail !== "").flatMap((one) => findingParts(one, alert)),
    ...ranked(3, listed(alert)),
    ...ranked(
      2,
      alert.sections.map(({ title: heading, lines }) => paragraph(heading, lines)),
    ),
    ...ranked(1, stepBlocks("What to do", alert.nextSteps)),
    ...ranked(1, stepBlocks("To undo it, or to hear no more of it", alert.wayBack)),
    ...ranked(0, [context(`${alert.severity} · mode ${alert.mode} · ${alert.at} · ${alert.id}`)]),
  ]);
}

const HEADLINE = 1_500;

function ranked(rank: Part["rank"], blocks: readonly Block[]): readonly Part[] {
  return blocks.map((block) => ({ rank, block }));
}

function symbolOf({ severity, kind }: Alert): string {
  if (kind === "resolved") return "✅";
  if (kind === "digest") return "🗞️";
  if (severity === "critical") return "🚨";
  if (kind === "repaired" || kind === "rolled-back") return "🔧";
  return kind === "proposed" ? "📝" : "⚠️";
}

function where(alert: Alert): readonly (readonly [string, readonly string[]])[] {
  const { callers, keys, agents, causes } = alert;
  return [
    ...(callers.length > 0 ? [["Callers", listOf(callers)] as const] : []),
    ...(agents.length > 0 ? [["Agents", listOf(agents.map(agentText))] as const] : []),
    ...(keys.length > 0 ? [["Keys", listOf(keys.map(keyText))] as const] : []),
    ...(causes.length > 0 ? [["Who did it", listOf(causesText(causes))] as const] : []),
    ["Account", [accountText(alert)]],
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

function findingParts(finding: AlertFinding, alert: Alert): readonly Part[] {
  const { title, detail, severity, evidence, diff, kind, refs } = finding;
  const about = alert.findings.length > 1 ? [aboutText(finding, alert)] : [];
  const said = [...about, detail, `${lifeOf(finding)} · ${kind} ${refs.join(" ")}`];
  return [
    ...ranked(2, [paragraph(about.length > 0 ? `${title} (${severity})` : reasonTitle(finding), said)]),
    ...ranked(4, [
      ...(evidence.length > 0 ? [codeBlock("Statements", evidence)] : []),
      ...(diff.length > 0 ? [codeBlock(isDone(finding) ? "What was changed" : "The change", diff)] : []),
    ]),
  ];
}

/** A digest's and a reminder's findings are in their sections. */
function listed(alert: Alert): readonly Block[] {
  const { findings, kind } = alert;
  const short = kind === "digest" || kind === "reminder" ? [] : findings.filter(({ detail }) => detail === "");
  if (short.length === 0) return [];
  const lines = short.map((one) => `${one.severity}: ${one.title}; ${aboutText(one, alert)} [${one.refs.join(" ")}]`);
  return [paragraph("And", listOf(lines))];
}

/** Prose as prose, what is to be copied as code; a snippet of many lines in a block of its own. */
function stepBlocks(title: string, steps: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let heading = title;
  for (const step of steps) {
    if (!isVerbatim(step) || isAddress(step)) {
      lines.push(step);
      continue;
    }
    if (lines.length > 0) blocks.push(paragraph(heading, lines));
    if (lines.length > 0) heading = "";
    lines = [];
    blocks.push(wholeCodeBlock(blocks.length === 0 ? heading : "", step));
  }
  return lines.length > 0 ? [...blocks, paragraph(heading, lines)] : blocks;
}

const LONGEST_LIST = 8;

function listOf(lines: readonly string[]): readonly string[] {
  const more = lines.length - LONGEST_LIST;
  return [...lines.slice(0, LONGEST_LIST), ...(more > 0 ? [`and ${more} more`] : [])];
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
  const where = [alarm.AWSAccountId, alarm.Region, alarm.StateChangeTime].filter(Boolean).join(" · ");
  return message(title, [
    ...ranked(0, [header(title)]),
    ...ranked(1, steps.length > 0 ? stepBlocks("", steps) : []),
    ...ranked(2, [paragraph(steps.length > 0 ? "Why" : "", [alarm.NewStateReason])]),
    ...ranked(0, [context(where || "CloudWatch")]),
  ]);
}

/** The same without blocks, which Slack can't refuse for their form. */
export function plainMessageOf({ blocks: _, ...message }: SlackMessage): Omit<SlackMessage, "blocks"> {
  const more = `Slack did not take the whole message: ${WHOLE}.`;
  return { ...message, text: `${message.text}\n${more}` };
}
