/**
 * The few parts of Slack's Block Kit that are used, each made within Slack's limits: too long a block makes Slack
 * refuse the whole message. https://docs.slack.dev/reference/block-kit/blocks
 */
import { fenced, prose } from "./markup.ts";
import { WHOLE } from "./words.ts";

export interface Mrkdwn {
  readonly type: "mrkdwn";
  readonly text: string;
  /** Slack then leaves plain text as it is, and makes no links or mentions of its own from it. */
  readonly verbatim: true;
}

export type Block =
  | {
      readonly type: "header";
      readonly text: { readonly type: "plain_text"; readonly text: string; readonly emoji: true };
    }
  | { readonly type: "section"; readonly text: Mrkdwn }
  | { readonly type: "context"; readonly elements: readonly Mrkdwn[] };

export interface SlackMessage {
  /** What a notification shows. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly link_names: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** Where not all fits, what has the highest rank goes first; rank 0 stays. */
export interface Part {
  readonly rank: 0 | 1 | 2 | 3 | 4;
  readonly block: Block;
}

const HEADER = 150;
const SECTION = 3_000;
const TITLE = 300;
/** It stays, and leaves room for what is to be done. */
const FACTS = 3_000;
const CONTEXT = 1_000;
const BLOCKS = 50;
/** Of all texts together: Slack was seen refusing messages from about 13,000 characters on. */
const MESSAGE = 12_000;

const SHORTENED = `Shortened here: ${WHOLE}.`;
/** So many places at most say that something is not shown. */
const MARKS = 6;

export function header(text: string): Block {
  return { type: "header", text: { type: "plain_text", text: prose(text, HEADER), emoji: true } };
}

/** Bold title over lines of plain text. */
export function paragraph(title: string, lines: readonly string[], limit = SECTION): Block {
  const bold = title ? `*${prose(title, TITLE)}*\n` : "";
  return { type: "section", text: mrkdwn(bold + linesWithin(lines, limit - bold.length)) };
}

/** The lines that fit, and how many do not; the first one is there in any case. */
function linesWithin([first = "", ...others]: readonly string[], limit: number): string {
  const room = limit - AND_MORE;
  let text = prose(first, room) || "-";
  for (const [i, line] of others.entries()) {
    const next = `\n${prose(line, room)}`;
    if (text.length + next.length > room) return `${text}\nand ${others.length - i} more`;
    text += next;
  }
  return text;
}

/** What "and 1234 more" takes. */
const AND_MORE = 20;

/** A code block under a bold title. */
export function codeBlock(title: string, lines: readonly string[]): Block {
  const [before, after] = fencesUnder(title);
  const code = fenced(lines.join("\n"), SECTION - before.length - after.length);
  return { type: "section", text: mrkdwn(`${before}${code}${after}`) };
}

/** What is to be run or pasted is shown whole or not at all: half a command is another command. */
export function wholeCodeBlock(title: string, text: string): Block {
  const [before, after] = fencesUnder(title);
  const code = fenced(text, Number.POSITIVE_INFINITY);
  if (before.length + code.length + after.length <= SECTION) {
    return { type: "section", text: mrkdwn(`${before}${code}${after}`) };
  }
  return paragraph(title, [`(It is too long to be shown here: ${WHOLE}.)`]);
}

function fencesUnder(title: string): readonly [string, string] {
  return [`${title ? `*${prose(title, TITLE)}*\n` : ""}\`\`\`\n`, "\n```"];
}

/** What is said under a few labels; in columns, ARNs would be broken into many lines. Each has an equal part of the room. */
export function facts(pairs: readonly (readonly [label: string, lines: readonly string[]])[]): Block {
  const room = Math.floor(FACTS / Math.max(1, pairs.length)) - 1;
  const said = pairs.map(([label, lines]) => {
    const bold = `*${prose(label, 100)}*${lines.length > 1 ? "\n" : "  "}`;
    return bold + linesWithin(lines, room - bold.length);
  });
  return { type: "section", text: mrkdwn(said.join("\n") || "-") };
}

/** Addresses that are made here, never ones from outside: with `verbatim`, Slack makes no links of its own. */
export function links(pairs: readonly (readonly [label: string, url: string])[]): Block {
  const shown = pairs.filter(([, url]) => SAFE_URL.test(url)).map(([label, url]) => `<${url}|${prose(label, 100)}>`);
  return { type: "context", elements: [mrkdwn(shown.join(" · ") || "-")] };
}

const SAFE_URL = /^https:\/\/[\w.-]+\/[\w./?=#&%-]*$/;

export function context(text: string): Block {
  return { type: "context", elements: [mrkdwn(prose(text, CONTEXT) || "-")] };
}

/**
 * A whole message of what fits, in its order; where something is left out, a line says so.
 *
 * @param notification - plain text.
 */
export function message(notification: string, parts: readonly Part[]): SlackMessage {
  return {
    text: prose(notification, SECTION),
    blocks: inPlace(parts, chosen(parts)),
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

function chosen(parts: readonly Part[]): ReadonlySet<Part> {
  const kept = new Set<Part>();
  let room = MESSAGE - MARKS * SHORTENED.length;
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const size = sizeOf(part.block);
    if (part.rank > 0 && (size > room || kept.size >= BLOCKS - MARKS)) continue;
    room -= size;
    kept.add(part);
  }
  return kept;
}

function inPlace(parts: readonly Part[], kept: ReadonlySet<Part>): readonly Block[] {
  let marks = 0;
  return parts.flatMap((part, i) => {
    if (kept.has(part)) return [part.block];
    const former = parts[i - 1];
    const isFirstOfGap = former === undefined || kept.has(former);
    if (!isFirstOfGap || marks === MARKS) return [];
    marks += 1;
    return [context(SHORTENED)];
  });
}

function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true };
}

function sizeOf(block: Block): number {
  switch (block.type) {
    case "header":
    case "section":
      return block.text.text.length;
    case "context":
      return block.elements.reduce((sum, element) => sum + element.text.length, 0);
    default:
      return block satisfies never;
  }
}
