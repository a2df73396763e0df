/**
 * What may not be in a text of Slack's markup, which Amazon Q's is too. Written from Slack's documentation, without a look at how the
 * channels make it: https://docs.slack.dev/messaging/formatting-message-text
 */

/** @returns what is wrong with it, in words; empty where nothing is */
export function faultsOfMarkup(text: string): readonly string[] {
  const faults = unseenIn(text);
  if (/&(?!amp;|lt;|gt;)/.test(text)) faults.push("has an & that is not an escape");
  const outside = withoutFences(text);
  if (outside === undefined) return [...faults, "has a code block without an end"];
  const prose = outside.replaceAll(/`[^`\n]*`/g, "code");
  if (prose.includes("`")) faults.push("has inline code without an end");
  for (const [angle] of text.matchAll(/<[^>]*>?/g)) {
    if (!LINK.test(angle) && !PAGE.test(angle))
      faults.push(`has markup that is no link to a console or page of AWS: ${angle.slice(0, 60)}`);
  }
  if (/(?<![\w.+=,-])@\w/.test(prose)) faults.push("mentions somebody");
  if (prose.includes("](")) faults.push("has a link in Markdown");
  for (const line of prose.split("\n")) {
    const marks = line.match(/\*/g)?.length ?? 0;
    if (marks % 2 === 1) faults.push(`has a line with bold that does not end: ${line.slice(0, 60)}`);
  }
  if (/~/.test(prose)) faults.push("has what strikes through");
  return faults;
}

/** What no channel shows: control and format characters, which make a line look like another. */
export function unseenIn(text: string): string[] {
  const [unseen] = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u.exec(text) ?? [];
  return unseen === undefined ? [] : [`has U+${unseen.codePointAt(0)?.toString(16)}, which is not seen`];
}

const LINK = /^<https:\/\/([a-z0-9-]+\.)?console\.(aws\.amazon|amazonaws-us-gov)\.com\/[\w/?=#-]+\|[\w ]+>$/;

const PAGE = /^<https:\/\/docs\.aws\.amazon\.com\/[\w/.#-]+>$/;

function withoutFences(text: string): string | undefined {
  const parts = text.split("```");
  return parts.length % 2 === 0 ? undefined : parts.filter((_, i) => i % 2 === 0).join("code");
}
