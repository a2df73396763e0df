/** What every channel says of an alert in the same words: where it is, who did it, since when. Plain text, nothing escaped. */
import type { Alert, AlertFinding, AlertKind, Change } from "../alert/alert.ts";
import { type AgentId, type KeyArn, partsOf } from "../arn.ts";
import { causeText, plain } from "../finding/render.ts";

export const LABELS: Readonly<Record<AlertKind, string>> = {
  problem: "PROBLEM",
  proposed: "NOT WRITTEN",
  repaired: "REPAIRED",
  "rolled-back": "ROLLED BACK",
  resolved: "RESOLVED",
  reminder: "STILL CRITICAL",
  digest: "DIGEST",
};

/** "PROBLEM (high)"; how bad what is over was, is no news. */
export function labelOf({ kind, severity }: Pick<Alert, "kind" | "severity">): string {
  return kind === "resolved" || kind === "digest" ? LABELS[kind] : `${LABELS[kind]} (${severity})`;
}

/** Whether its diff was written. */
export function isDone({ change }: AlertFinding): boolean {
  return change === "happened" || change === "recurring";
}

const CHANGES: Readonly<Record<Change, string>> = {
  opened: "new",
  worsened: "worse than before",
  resolved: "over",
  reopened: "back again",
  happened: "done",
  recurring: "again and again",
  stands: "as before",
};

/** Where the rest is of what is too long for a channel. */
export const WHOLE = "the email and `bedrock-key-guard findings` have everything";

/** What stands over the only finding of an alert: its headline says the rest. */
export function reasonTitle({ change }: AlertFinding): string {
  return change === "resolved" ? "What it was" : "Why it matters";
}

/** "new, since 2026-12-01 10:00:05 UTC", and how often. */
export function lifeOf(finding: AlertFinding): string {
  const { change, since, resolved, times } = finding;
  const begun = isDone(finding) ? `at ${timeText(since)}` : `since ${timeText(since)}`;
  const over = resolved && change === "resolved" ? `, over at ${timeText(resolved.at)} by ${byWhom(resolved.by)}` : "";
  return `${CHANGES[change]}, ${begun}${over}${times > 1 ? `; ${times} times so far` : ""}`;
}

function byWhom(by: "guard" | "others"): string {
  return by === "guard" ? "the guard" : "others";
}

/** Whole seconds: CloudTrail tells no more. */
export function timeText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

export function accountText({ account, region }: Pick<Alert, "account" | "region">): string {
  return `${account.id}${account.alias ? ` (${named(account.alias)})` : ""}, Region ${region}`;
}

export function keyText({ arn, aliases }: Alert["keys"][number]): string {
  const more = aliases.length > MOST_ALIASES ? `, and ${aliases.length - MOST_ALIASES} more` : "";
  return `${arn}${aliases.length > 0 ? ` (${aliases.slice(0, MOST_ALIASES).map(named).join(", ")}${more})` : ""}`;
}

export function agentText({ id, name }: Alert["agents"][number]): string {
  return name === id ? id : `${named(name)} (${id})`;
}

const MOST_ALIASES = 3;
/** Bedrock takes as many. */
const LONGEST_NAME = 100;

function named(name: string): string {
  return shortly(plain(name), LONGEST_NAME);
}

/** What one finding among others is about: "caller …, key 1234abcd of my-agent". */
export function aboutText({ caller, key, agents }: AlertFinding, alert: Pick<Alert, "agents">): string {
  const [id] = agents;
  const agent = alert.agents.find((one) => one.id === id);
  const more = agents.length > 1 ? ` and ${agents.length - 1} more` : "";
  const of = id === undefined ? "" : `${shortly(plain(agent?.name ?? id), 60)}${more}`;
  return [
    ...(caller === undefined ? [] : [`caller ${plain(caller)}`]),
    ...(key === undefined ? [] : [`key ${partsOf(key).resource.replace("key/", "")}`]),
    ...(of === "" ? [] : [`agent ${of}`]),
  ].join(", ");
}

/** One line for one deed; what one actor did many times over is said once, with how often. */
export function causesText(causes: Alert["causes"]): readonly string[] {
  const deeds = Map.groupBy(causes, (cause) => causeText({ ...cause, at: "" }));
  return [...deeds.entries()].flatMap(([deed, [first, ...others]]) => {
    const last = others.at(-1);
    if (!first) return [];
    const more = last ? `, and ${others.length} times more until ${timeText(last.at)}` : "";
    return [`${timeText(first.at)}: ${deed.trim()}${more}`];
  });
}

/** A name is cut where it would push the rest out of sight: Bedrock takes 100 characters. */
export function shortly(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

function consoleHost(region: string): string {
  return region.startsWith("us-gov-") ? "console.amazonaws-us-gov.com" : `${region}.console.aws.amazon.com`;
}

export function keyLink(key: KeyArn): string {
  const { region, resource } = partsOf(key);
  return `https://${consoleHost(region)}/kms/home?region=${region}#/kms/keys/${resource.replace("key/", "")}`;
}

export function agentLink(id: AgentId, region: string): string {
  return `https://${consoleHost(region)}/bedrock/home?region=${region}#/agents/${id}`;
}

/** Where a step is a command, a snippet, an address or a statement, it is shown as it is, to be copied. */
export function isVerbatim(step: string): boolean {
  return step.includes("\n") || VERBATIM.test(step);
}

const VERBATIM = /^(aws |npx |https:\/\/|\{|\[|resource |source_policy_documents|key\.|role\.|user\.|[+-] )/;

/** An address by itself: to be followed rather than copied. */
export function isAddress(step: string): boolean {
  return /^https:\/\/\S+$/.test(step);
}
