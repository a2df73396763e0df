/** Renders what is told to people as a Slack message. It decides nothing: the alert carries its reasons. */
import type { AlertMessage } from "@bedrock-key-guard/aws/alert-message.ts";
import type { Alarm } from "./alarm.ts";
import { type Block, codeBlock, context, fields, header, message, paragraph, type SlackMessage } from "./block-kit.ts";

export function renderAlert(alert: AlertMessage): SlackMessage {
  return message(`${titleOf(alert)}: ${alert.headline}`, [
    header(`${symbolOf(alert)} ${titleOf(alert)}`),
    paragraph("", alert.headline),
    fields([
      ...(alert.callers.length > 0 ? [["Callers", list(alert.callers)] as const] : []),
      ...(alert.key === undefined ? [] : [["Key", alert.key] as const]),
      ["Agents", list(alert.agents.map((agent) => (agent.name ? `${agent.name} (${agent.id})` : agent.id)))],
      ["Cause", list(alert.causes.map(causeLine))],
      ["Account and Region", `${alert.account}, ${alert.region}`],
    ]),
    ...(alert.diff.length > 0
      ? [codeBlock(DIFF_TITLES[alert.kind] ?? "What would be added to the key policy", alert.diff)]
      : []),
    ...alert.findings.flatMap(findingBlocks),
    ...(alert.nextSteps.length > 0 ? [paragraph("What to do", alert.nextSteps.join("\n"))] : []),
    context(`${alert.severity} · ${alert.at} · alert ${alert.id}`),
  ]);
}

export function renderAlarm(alarm: Alarm): SlackMessage {
  const raised = alarm.NewStateValue === "ALARM";
  const title = `${raised ? "🚨 Alarm" : `ℹ️ Alarm is ${alarm.NewStateValue}`}: ${alarm.AlarmName}`;
  return message(title, [
    header(title),
    paragraph("", alarm.AlarmDescription || alarm.NewStateReason),
    ...(alarm.AlarmDescription ? [paragraph("Why", alarm.NewStateReason)] : []),
    context([alarm.AWSAccountId, alarm.Region, alarm.StateChangeTime].filter(Boolean).join(" · ") || "CloudWatch"),
  ]);
}

const TITLES: Readonly<Record<string, string>> = {
  repaired: "Key policy repaired",
  proposed: "Key policy needs a repair",
};

const CALLER_TITLES: Readonly<Record<string, string>> = {
  repaired: "Callers can use the key",
  proposed: "Callers can't use the key",
};

const DIFF_TITLES: Readonly<Record<string, string>> = { repaired: "What was added to the key policy" };

function titleOf(alert: AlertMessage): string {
  return (
    (alert.key === undefined ? CALLER_TITLES : TITLES)[alert.kind] ??
    (alert.severity === "critical" ? "Critical: a person has to act" : "A person has to act")
  );
}

function symbolOf(alert: AlertMessage): string {
  if (alert.severity === "critical") return "🚨";
  if (alert.kind === "repaired") return "🔧";
  return alert.kind === "proposed" ? "📝" : "⚠️";
}

function causeLine(cause: AlertMessage["causes"][number]): string {
  if (cause.eventName === undefined) return `sweep at ${cause.at}`;
  const actor = cause.actor;
  const session = actor?.sessionName ? ` (session ${actor.sessionName})` : "";
  const service = actor?.invokedBy && actor.invokedBy !== actor.arn ? ` through ${actor.invokedBy}` : "";
  return `${cause.eventName} by ${actor?.arn ?? "unknown"}${session}${service}`;
}

function findingBlocks(finding: AlertMessage["findings"][number]): readonly Block[] {
  return [
    paragraph(`${finding.title} (${finding.severity})`, finding.detail),
    ...(finding.evidence.length > 0 ? [codeBlock("Statements", finding.evidence)] : []),
    ...(finding.remedy.length > 0 ? [paragraph("Remedy", finding.remedy.join("\n"))] : []),
  ];
}

const LONGEST_LIST = 8;

function list(lines: readonly string[]): string {
  if (lines.length === 0) return "none known";
  const more = lines.length - LONGEST_LIST;
  return [...lines.slice(0, LONGEST_LIST), ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
