/**
 * Text from outside within Slack's markup, which the client-markdown of Amazon Q is in Slack as well: it stays text. Nothing in it
 * is bold, code, a link, a mention, or more than one line. https://docs.slack.dev/messaging/formatting-message-text
 */
import { plain } from "../finding/render.ts";

const CUT = " …";

/**
 * One line of prose. ARNs are shown as code: where a workspace has an emoji `:aws:`, it would stand in the middle of each. Pages of
 * AWS's documentation are links; no other address is.
 *
 * @param limit - characters of what comes out at most; no escape is parted by the cut
 */
export function prose(text: string, limit: number): string {
  const line = plain(text).trim();
  const pieces: string[] = [];
  let from = 0;
  for (const { 0: found, index } of line.matchAll(FOUND)) {
    pieces.push(...harmless(line.slice(from, index)), found.startsWith("arn:") ? `\`${found}\`` : `<${found}>`);
    from = index + found.length;
  }
  return fitting([...pieces, ...harmless(line.slice(from))], limit);
}

/** What stands in a fence: the lines stay as they are, but for what would end the fence. */
export function fenced(text: string, limit: number): string {
  const lines = text.split("\n").map((line) => plain(line).replaceAll("```", "'''"));
  return fitting([...lines.join("\n")].map(escaped), limit);
}

/** An ARN, by the characters that they are made of (what is longer is none), or a page. */
const FOUND = /\barn:aws[\w-]*:[\w./:=+,@*-]{1,600}[\w/*]|https:\/\/docs\.aws\.amazon\.com\/[\w./#-]{1,300}[\w/]/g;

function harmless(text: string): readonly string[] {
  const inert = text
    .replaceAll(/[*~`]/g, (mark) => LOOKALIKES[mark] ?? " ")
    // Only at the start of a word: the name of a session may be an address.
    .replaceAll(/(?<![\w.+=,-])@(?=\w)/g, "＠")
    .replaceAll("](", "] (");
  return [...inert].map(escaped);
}

/** What would make bold or code of the rest is shown by a character that looks like it. */
const LOOKALIKES: Readonly<Record<string, string>> = { "*": "∗", "~": "∼", "`": "'" };

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escaped(character: string): string {
  return ESCAPES[character] ?? character;
}

function fitting(pieces: readonly string[], limit: number): string {
  const whole = pieces.join("");
  if (whole.length <= limit) return whole;
  let kept = "";
  for (const piece of pieces) {
    if (kept.length + piece.length > limit - CUT.length) break;
    kept += piece;
  }
  return kept + CUT;
}
