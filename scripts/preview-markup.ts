/** Slack's markup as HTML: as Slack shows it, as far as the guard uses it. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function html(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const EMOJI: Readonly<Record<string, string>> = {
  rotating_light: "🚨",
  warning: "⚠️",
  large_orange_diamond: "🔶",
  information_source: "ℹ️",
  white_check_mark: "✅",
  newspaper: "📰",
  wrench: "🔧",
};

/** A fence, code, a link, bold, an emoji: whichever begins first. */
const MARK =
  /```\n?([\s\S]*?)```|`([^`\n]+)`|<(https:[^|>\s]+)(?:\|([^>]*))?>|\*([^*\n]+)\*|\b_([^_\n]+)_\b|:([a-z_]+):/g;

export function markupAsHtml(text: string): string {
  let shown = "";
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    const [whole, fence, code, url, label, bold, italic, emoji] = match;
    shown += plainAsHtml(text.slice(from, match.index));
    from = match.index + whole.length;
    if (fence !== undefined) shown += `<pre>${plainAsHtml(fence.replace(/\n$/, ""))}</pre>`;
    else if (code !== undefined) shown += `<code>${plainAsHtml(code)}</code>`;
    else if (url !== undefined) shown += `<a href="${html(url)}">${plainAsHtml(label ?? url)}</a>`;
    else if (bold !== undefined) shown += `<b>${markupAsHtml(bold)}</b>`;
    else if (italic !== undefined) shown += `<i>${markupAsHtml(italic)}</i>`;
    else shown += EMOJI[emoji ?? ""] ?? plainAsHtml(whole);
  }
  return shown + plainAsHtml(text.slice(from));
}

/** Slack's three escapes are undone, as Slack does it, and everything is escaped for HTML. */
function plainAsHtml(text: string): string {
  const said = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return html(said);
}
