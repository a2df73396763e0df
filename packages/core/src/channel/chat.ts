/**
 * An alert as a custom notification of Amazon Q Developer in chat applications, which shows it in Slack or Teams, with a thread
 * for what belongs together. https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
import type { Alert, AlertFinding } from "../alert/alert.ts";
import { fenced, prose } from "./markup.ts";
import {
  aboutText,
  accountText,
  agentLink,
  agentText,
  causesText,
  isAddress,
  isVerbatim,
  keyLink,
  keyText,
  LABELS,
  lifeOf,
  reasonTitle,
  shortly,
  WHOLE,
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
/** How many it takes is not said. */
const STEPS = 10;
const KEYWORD = 75;
const KEYWORDS = 8;

const SYMBOLS = {
  critical: ":rotating_light:",
  high: ":warning:",
  medium: ":large_orange_diamond:",
  low: ":information_source:",
};

function symbolOf({ kind, severity }: Alert): string {
  if (kind === "resolved") return ":white_check_mark:";
  if (kind === "digest") return ":newspaper:";
  return kind === "repaired" || kind === "rolled-back" ? ":wrench:" : SYMBOLS[severity];
}

function titleOf(alert: Alert, limit: number): string {
  const opening = `${symbolOf(alert)} ${LABELS[alert.kind]}: `;
  return `${opening}${prose(alert.headline, limit - opening.length)}`;
}

function isWholeTitle(alert: Alert): boolean {
  return titleOf(alert, TITLE) === titleOf(alert, Number.POSITIVE_INFINITY);
}

export function chatNotificationOf(alert: Alert): ChatNotification {
  const { kind, severity, headline, mode } = alert;
  return {
    version: "1.0",
    source: "custom",
    id: alert.id,
    content: {
      textType: "client-markdown",
      title: titleOf(alert, TITLE),
      description: description(alert),
      nextSteps: steps(alert),
      keywords: [severity, kind, ...new Set(alert.findings.map((one) => one.kind))]
        .slice(0, KEYWORDS)
        .map((word) => shortly(word, KEYWORD)),
    },
    metadata: {
      threadId: alert.thread,
      summary: prose(`${LABELS[kind]}: ${headline}`, TITLE),
      additionalContext: { severity, mode, account: alert.account.id, region: alert.region },
    },
  };
}

/** What is wrong, where and who did it first; of the rest, what fits. */
function description(alert: Alert): string {
  const { causes, agents, keys, callers, findings, sections, perhapsAgain } = alert;
  const links = consoles(alert);
  return fitting([
    ...(perhapsAgain ? ["You may have got this before: the first attempt ended without an answer."] : []),
    ...(isWholeTitle(alert) ? [] : [prose(alert.headline, HEADLINE)]),
    ...listed("Who did it", causesText(causes)),
    ...listed("Callers", callers),
    ...listed("Agents", agents.map(agentText)),
    ...listed("Keys", keys.map(keyText)),
    ...listed("Account", [accountText(alert)]),
    ...(links.length > 0 ? [links.join(" · ")] : []),
    ...findings
      .filter(({ detail }) => detail !== "")
      .flatMap((one) => [findingText(one, alert), ...one.evidence.map(code)]),
    ...listed("And", shortOf(alert), MOST_IN_SHORT),
    ...sections.flatMap(({ title, lines }) => listed(title, lines, MOST_IN_SHORT)),
    ...longSteps(alert),
    ...findings.flatMap(({ diff }) => (diff.length > 0 ? [code(diff.join("\n"))] : [])),
    `Alert ${prose(alert.id, LINE)}`,
  ]);
}

const HEADLINE = 1_500;
const LINE = 200;
const MOST_LISTED = 5;
const MOST_IN_SHORT = 15;

function listed(title: string, all: readonly string[], most = MOST_LISTED): readonly string[] {
  const more = all.length - most;
  const shown = all.slice(0, most).map((line) => prose(line, LINE));
  return all.length === 0
    ? []
    : [[`*${prose(title, LINE)}*`, ...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n")];
}

/** In Slack's form for links; they are made here, never taken from outside. */
function consoles({ keys, agents, region }: Alert): readonly string[] {
  const [key, agent] = [keys.length === 1 ? keys[0] : undefined, agents.length === 1 ? agents[0] : undefined];
  return [
    ...(key ? [`<${keyLink(key.arn)}|Key in the console>`] : []),
    ...(agent ? [`<${agentLink(agent.id, region)}|Agent in the console>`] : []),
  ];
}

function findingText(finding: AlertFinding, alert: Alert): string {
  const about = alert.findings.length > 1 ? [prose(aboutText(finding, alert), LINE)] : [];
  const named = about.length > 0 ? prose(finding.title, 300) : reasonTitle(finding);
  const title = `*${named}* (${finding.severity}; ${lifeOf(finding)})`;
  return [title, ...about, prose(finding.detail, 1_000)].join("\n");
}

/** A digest's and a reminder's findings are in their sections. */
function shortOf(alert: Alert): readonly string[] {
  if (alert.kind === "digest" || alert.kind === "reminder") return [];
  const short = alert.findings.filter(({ detail }) => detail === "");
  return short.map((one) => `${one.severity}: ${shortly(one.title, 100)}; ${aboutText(one, alert)}`);
}

/**
 * A sentence and the command that it leads to are one step. What is to be run or pasted is shown whole or not at all: half a command is
 * another command.
 */
function steps({ nextSteps, wayBack }: Alert): readonly string[] {
  const said: string[] = [];
  let lead = "";
  for (const step of [...nextSteps, ...wayBack, ""]) {
    if (isVerbatim(step)) {
      const code = isAddress(step) ? prose(step, STEP) : inlineCode(step);
      const together = [lead, code ?? TOO_LONG].filter((text) => text !== "").join(" ");
      said.push(...(together.length <= STEP ? [together] : [lead, code ?? TOO_LONG]));
      lead = "";
      continue;
    }
    if (lead !== "") said.push(lead);
    lead = prose(step, STEP);
  }
  if (said.length <= STEPS && !said.some((step) => step.endsWith(TOO_LONG))) return said;
  return [...said.slice(0, STEPS - 1), `What is not shown here: ${WHOLE}.`];
}

const TOO_LONG = "(it stands in the text, or in the email)";

/** Commands and snippets that are too long for a step, each under the sentence that leads to it. */
function longSteps({ nextSteps }: Alert): readonly string[] {
  return nextSteps.flatMap((step, i) => {
    if (!isVerbatim(step) || inlineCode(step) !== undefined) return [];
    const lead = nextSteps[i - 1];
    const title = lead !== undefined && !isVerbatim(lead) ? `*${prose(lead, LINE)}*\n` : "";
    return [`${title}\`\`\`\n${fenced(step, Number.POSITIVE_INFINITY)}\n\`\`\``];
  });
}

function inlineCode(step: string): string | undefined {
  const code = `\`${fenced(step, Number.POSITIVE_INFINITY).replaceAll("`", "'")}\``;
  return step.includes("\n") || code.length > STEP ? undefined : code;
}

const LONGEST_CODE = 1_500;

function code(text: string): string {
  return `\`\`\`\n${fenced(text, LONGEST_CODE)}\n\`\`\``;
}

/** Those that fit, in their order; the first and the last one always do. */
function fitting(blocks: readonly string[]): string {
  const cut = `_Shortened: ${WHOLE}._`;
  const last = blocks.at(-1) ?? "";
  const kept: string[] = [];
  let room = DESCRIPTION - cut.length - last.length - 4;
  for (const block of blocks.slice(0, -1)) {
    if (block.length + 2 > room) continue;
    room -= block.length + 2;
    kept.push(block);
  }
  return [...kept, ...(kept.length < blocks.length - 1 ? [cut] : []), last].join("\n\n");
}
