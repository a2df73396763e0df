/** An alert as a person reads it in an email: plain text, the next step last and complete. */
import { type KeyArn, partsOf } from "../arn.ts";
import type { Actor, Cause } from "../key/job.ts";
import type { Alert } from "./alert.ts";
import type { Finding } from "./finding.ts";

/** The alert with its text. */
export function complete(alert: Omit<Alert, "text" | "v">): Alert {
  return { v: 1, ...alert, text: alertText(alert) };
}

function alertText(alert: Omit<Alert, "text" | "v">): string {
  const sections = [
    [`${LABEL[alert.kind]} (${alert.severity}): ${alert.headline}`],
    ["What happened", ...alert.causes.map((cause) => `  ${causeText(cause)}`)],
    ["Where", ...where(alert).map((line) => `  ${line}`)],
    ...alert.findings.map((finding) => findingSection(finding, alert.findings.length > 1)),
    alert.diff.length > 0 ? [diffTitle(alert), ...alert.diff.map((line) => `  ${plain(line)}`)] : [],
    alert.nextSteps.length > 0 ? ["What to do", ...alert.nextSteps.flatMap(indented)] : [],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const LABEL: Readonly<Record<Alert["kind"], string>> = {
  repaired: "REPAIRED",
  "rolled-back": "ROLLED BACK",
  proposed: "NOT WRITTEN",
  problem: "PROBLEM",
};
const DIFF_TITLE: Readonly<Record<Alert["kind"], string>> = {
  repaired: "What the guard changed in",
  "rolled-back": "What was changed in",
  proposed: "What the guard would change in",
  problem: "What would be changed in",
};

function diffTitle({ kind, key }: Pick<Alert, "kind" | "key">): string {
  return `${DIFF_TITLE[kind]} the ${key === undefined ? "callers' policies" : "key policy"}`;
}

/** More than these are a number: who reads an email does not read on. */
const MOST_CALLERS = 20;

function where(alert: Omit<Alert, "text" | "v">): readonly string[] {
  const agents = alert.agents.map((agent) => `${plain(agent.name)} (${agent.id})`).join(", ");
  const more = alert.callers.length - MOST_CALLERS;
  return [
    ...alert.callers.slice(0, MOST_CALLERS).map((caller) => `caller:  ${plain(caller)}`),
    ...(more > 0 ? [`         and ${more} more`] : []),
    `agent:   ${agents || "none known"}`,
    ...(alert.key ? [`key:     ${alert.key}`] : []),
    `account: ${alert.account}, Region ${alert.region}`,
    ...(alert.key ? [`console: ${consoleLink(alert.key)}`] : []),
  ];
}

/** A single finding's title is the headline already. */
function findingSection(finding: Finding, withTitle: boolean): readonly string[] {
  return [
    withTitle ? `Finding (${finding.severity}): ${plain(finding.title)}` : "Why it matters",
    `  ${plain(finding.detail)}`,
    ...finding.evidence.flatMap((text) => ["", ...indented(text)]),
  ];
}

function indented(text: string): readonly string[] {
  return text.split("\n").map((line) => `  ${plain(line)}`);
}

/** Who did it, as CloudTrail tells. */
export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "event":
      return `${cause.at}  ${plain(cause.eventName)} by ${actorText(cause.actor)}`;
    case "sweep":
      return `${cause.at}  found by the scheduled sweep (no event was seen for it)`;
    case "person":
      return `${cause.at}  asked for by ${plain(cause.by)}: ${plain(cause.reason)}`;
    default:
      return cause satisfies never;
  }
}

export function actorText(actor: Actor): string {
  const session = actor.sessionName ? ` (session ${plain(actor.sessionName)})` : "";
  const through = actor.invokedBy ? `, through ${plain(actor.invokedBy)}` : "";
  return `${plain(actor.arn)}${session}${through}`;
}

export function consoleLink(key: KeyArn): string {
  const { region, resource, partition } = partsOf(key);
  const host = partition === "aws-us-gov" ? "console.amazonaws-us-gov.com" : "console.aws.amazon.com";
  return `https://${region}.${host}/kms/home?region=${region}#/kms/keys/${resource.replace("key/", "")}`;
}

/** Names come from outside: control characters and direction marks could make a line look like another. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
