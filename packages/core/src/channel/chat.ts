/**
 * An alert as a custom notification of Amazon Q Developer in chat applications, which shows it in Slack or Teams, with a thread
 * for what belongs together. https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
import type { Alert, AlertFinding } from "../alert/alert.ts";
import { plain } from "../finding/render.ts";
import {
  aboutText,
  accountText,
  agentText,
  causesText,
  isVerbatim,
  keyLink,
  keyText,
  LABELS,
  lifeOf,
  shortly,
} from "./words.ts";

export interface ChatNotification {
  readonly version: "1.0";
  readonly source: "custom";
  readonly id: string;
  readonly content: {
    readonly textType: "client-markdown";
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    readonly threadId: string;
    readonly summary: string;
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

const TITLE = 250;
const DESCRIPTION = 8_000;
const STEP = 350;
const STEPS = 10;
const KEYWORD = 75;
const KEYWORDS = 8;

const SYMBOLS = {
  critical: ":rotating_light:",
  high: ":warning:",
  medium: ":large_orange_diamond:",
  low: ":information_source:",
};

export function chatNotificationOf(alert: Alert): ChatNotification {
  const { kind, severity, headline, mode } = alert;
  const symbol = kind === "resolved" ? ":white_check_mark:" : SYMBOLS[severity];
  return {
    version: "1.0",
    source: "custom",
    id: alert.id,
    content: {
      textType: "client-markdown",
      title: shortly(`${symbol} ${LABELS[kind]}: ${markdown(headline)}`, TITLE),
      description: description(alert),
      nextSteps: steps(alert),
      keywords: [severity, kind, ...new Set(alert.findings.map((one) => one.kind))]
        .slice(0, KEYWORDS)
        .map((word) => shortly(word, KEYWORD)),
    },
    metadata: {
      threadId: alert.thread,
      summary: shortly(markdown(headline), TITLE),
      additionalContext: { severity, mode, account: alert.account.id, region: alert.region },
    },
  };
}

/** What does not fit goes from the end: what is wrong, where and since when stand first. */
function description(alert: Alert): string {
  const { causes, agents, keys, callers, findings, sections, perhapsAgain } = alert;
  const listed = (title: string, all: readonly string[]) => {
    const more = all.length - MOST_LISTED;
    const shown = all.slice(0, MOST_LISTED).map(markdown).join("\n");
    return all.length === 0 ? [] : [`*${title}*\n${shown}${more > 0 ? `\nand ${more} more` : ""}`];
  };
  const blocks = [
    ...(perhapsAgain ? ["You may have got this before: the first attempt ended without an answer."] : []),
    markdown(alert.headline),
    ...listed("Who did it", causesText(causes)),
    ...listed("Callers", callers),
    ...listed("Agents", agents.map(agentText)),
    ...listed("Keys", keys.map(keyText)),
    `*Account*\n${markdown(accountText(alert))}`,
    ...(keys.length === 1 && keys[0] ? [`*Console*\n${keyLink(keys[0].arn)}`] : []),
    ...findings.flatMap((one) => findingBlocks(one, alert)),
    ...sections.flatMap(({ title, lines }) => listed(title, lines)),
    `Alert ${markdown(alert.id)}`,
  ];
  return fitting(blocks);
}

const MOST_LISTED = 8;

function findingBlocks(finding: AlertFinding, alert: Alert): readonly string[] {
  const { title, detail, evidence, diff, severity } = finding;
  const about = markdown(shortly(aboutText(finding, alert), 300));
  if (detail === "") return [`• ${severity}: ${markdown(shortly(title, 200))}; ${about}`];
  return [
    `*${markdown(shortly(title, 300))}* (${severity}; ${lifeOf(finding)})${alert.findings.length > 1 ? `\n${about}` : ""}\n${markdown(detail)}`,
    ...evidence.map(code),
    ...(diff.length > 0 ? [code(diff.join("\n"))] : []),
  ];
}

function steps({ nextSteps, wayBack }: Alert): readonly string[] {
  const all = [...nextSteps, ...wayBack].map((step) =>
    isVerbatim(step) ? shortly(`\`${plain(step).replaceAll("`", "'")}\``, STEP) : shortly(markdown(step), STEP),
  );
  const whole = all.filter((step) => !step.startsWith("`") || step.endsWith("`"));
  return whole.length <= STEPS
    ? whole
    : [...whole.slice(0, STEPS - 1), "The rest is in the email and in docs/runbook.md."];
}

const LONGEST_CODE = 1_500;

function code(text: string): string {
  const lines = text.split("\n").map((one) => plain(one).replaceAll("`", "'"));
  return `\`\`\`\n${escaped(shortly(lines.join("\n"), LONGEST_CODE))}\n\`\`\``;
}

function fitting(blocks: readonly string[]): string {
  const cut = "_Shortened: the email has everything._";
  const kept: string[] = [];
  let left = DESCRIPTION - cut.length - 2;
  for (const block of blocks) {
    const size = [...block].length + 2;
    if (size > left) return [...kept, cut].join("\n\n");
    left -= size;
    kept.push(block);
  }
  return kept.join("\n\n");
}

/** One line of plain text: nothing in it is markup, a mention or a link. */
function markdown(text: string): string {
  return escaped(plain(text).replaceAll(/[*_~`]/g, (mark) => LOOKALIKES[mark] ?? " "));
}

/** In a name, what would make bold or code of the rest is shown by a character that looks like it. */
const LOOKALIKES: Readonly<Record<string, string>> = { "*": "∗", _: "_", "~": "∼", "`": "'" };

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
