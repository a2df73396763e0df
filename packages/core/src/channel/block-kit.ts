/**
 * The few parts of Slack's Block Kit that are used, each made within Slack's limits: too long a block makes Slack
 * refuse the whole message.
 */

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
  | { readonly type: "section"; readonly fields: readonly Mrkdwn[] }
  | { readonly type: "context"; readonly elements: readonly Mrkdwn[] };

export interface SlackMessage {
  /** What a notification shows. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly link_names: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;
const FIELDS = 10;
const BLOCKS = 50;
/** Of all texts together: Slack was seen refusing messages from about 13,000 characters on. */
const MESSAGE = 12_000;

const CUT = " …";

/**
 * Escapes what Slack's markup gives a meaning to, so that `<!channel>` in an agent's name calls nobody and a fence
 * ends no code block, and cuts to `limit` characters without parting an escape.
 */
export function escapeSlack(text: string, limit: number): string {
  const escaped = [...text.replaceAll(UNSEEN, " ").replaceAll("```", "'''")].map(
    (character) => ESCAPES[character] ?? character,
  );
  let length = 0;
  let fitting = 0;
  for (const piece of escaped) {
    length += piece.length;
    if (length <= limit - CUT.length) fitting += 1;
  }
  return length <= limit ? escaped.join("") : `${escaped.slice(0, fitting).join("")}${CUT}`;
}

/** Control characters but tab and line feed, and direction marks: they make a line look like another. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

export function header(text: string): Block {
  return { type: "header", text: { type: "plain_text", text: escapeSlack(oneLine(text), HEADER), emoji: true } };
}

/** Bold title over a paragraph; both are plain text. */
export function paragraph(title: string, text: string): Block {
  const bold = title ? `*${escapeSlack(oneLine(title), 300)}*\n` : "";
  return { type: "section", text: mrkdwn(bold + escapeSlack(text, SECTION - bold.length)) };
}

/** A code block under a bold title. */
export function codeBlock(title: string, lines: readonly string[]): Block {
  const before = `${title ? `*${escapeSlack(oneLine(title), 300)}*\n` : ""}\`\`\`\n`;
  const after = "\n```";
  const code = escapeSlack(lines.join("\n"), SECTION - before.length - after.length);
  return { type: "section", text: mrkdwn(`${before}${code}${after}`) };
}

export function fields(pairs: readonly (readonly [name: string, value: string])[]): Block {
  const shown = pairs.slice(0, FIELDS).map(([name, value]) => {
    const label = `*${escapeSlack(name, 100)}*\n`;
    return mrkdwn(label + escapeSlack(value, FIELD - label.length));
  });
  return { type: "section", fields: shown };
}

/** Addresses that are made here, never ones from outside: with `verbatim`, Slack makes no links of its own. */
export function links(pairs: readonly (readonly [label: string, url: string])[]): Block {
  const shown = pairs
    .filter(([, url]) => SAFE_URL.test(url))
    .map(([label, url]) => `<${url}|${escapeSlack(label, 100)}>`);
  return { type: "context", elements: [mrkdwn(shown.join(" · "))] };
}

const SAFE_URL = /^https:\/\/[\w.-]+\/[\w./?=#&%-]*$/;

export function context(text: string): Block {
  return { type: "context", elements: [mrkdwn(escapeSlack(text, FIELD))] };
}

/**
 * A whole message of the blocks that fit, in order; the last one always stays.
 *
 * @param notification - plain text.
 */
export function message(notification: string, blocks: readonly Block[]): SlackMessage {
  const last = blocks.slice(-1);
  const kept: Block[] = [];
  let room = MESSAGE - last.reduce((sum, block) => sum + sizeOf(block), 0);
  for (const block of blocks.slice(0, -1)) {
    const size = sizeOf(block);
    if (size > room || kept.length === BLOCKS - 2) {
      kept.push(context("Shortened: the email and the journal have everything."));
      break;
    }
    room -= size;
    kept.push(block);
  }
  return {
    text: escapeSlack(oneLine(notification), SECTION),
    blocks: [...kept, ...last],
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function sizeOf(block: Block): number {
  switch (block.type) {
    case "header":
      return block.text.text.length;
    case "section":
      return "text" in block ? block.text.text.length : block.fields.reduce((sum, field) => sum + field.text.length, 0);
    case "context":
      return block.elements.reduce((sum, element) => sum + element.text.length, 0);
    default:
      return block satisfies never;
  }
}
