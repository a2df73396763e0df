/** The page of `alerts:preview`: each alert in each channel, in one file without scripts. */
import type { Block, SlackMessage } from "../packages/core/src/channel/block-kit.ts";
import type { ChatNotification } from "../packages/core/src/channel/chat.ts";
import type { Email } from "../packages/core/src/channel/email.ts";
import { html, markupAsHtml } from "./preview-markup.ts";

export interface Shown {
  readonly name: string;
  readonly severity: string;
  readonly email: Email;
  readonly slack: SlackMessage;
  readonly chat: ChatNotification;
  /** What programs get, by name. */
  readonly data: Readonly<Record<string, unknown>>;
}

export function pageOf(all: readonly Shown[]): string {
  const index = all.map(({ name, severity }) => `<li class="${severity}"><a href="#${name}">${html(name)}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Alerts of bedrock-key-guard</title>
<style>${STYLE}</style>
</head>
<body>
<nav><h1>Alerts</h1><ol>${index.join("")}</ol></nav>
<main>
${all.map(sectionOf).join("\n")}
</main>
</body>
</html>
`;
}

function sectionOf({ name, severity, email, slack, chat, data }: Shown): string {
  const programs = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(
      ([title, value]) =>
        `<details><summary>${html(title)}</summary><pre>${html(JSON.stringify(value, undefined, 2))}</pre></details>`,
    );
  return `<section id="${name}">
<h2 class="${severity}">${html(name)}</h2>
<div class="channels">
<article><h3>Email</h3><div class="email"><p class="subject">${html(email.subject)}</p><pre>${html(email.text)}</pre></div></article>
<article><h3>Slack, by the webhook</h3><div class="slack">${slack.blocks.map(blockAsHtml).join("")}</div></article>
<article><h3>Slack, by Amazon Q</h3>${chatAsHtml(chat)}</article>
</div>
${programs.join("\n")}
</section>`;
}

function blockAsHtml(block: Block): string {
  switch (block.type) {
    case "header":
      return `<p class="header">${markupAsHtml(block.text.text)}</p>`;
    case "section":
      return `<div class="text">${markupAsHtml(block.text.text)}</div>`;
    case "context":
      return `<p class="context">${block.elements.map(({ text }) => markupAsHtml(text)).join(" ")}</p>`;
    default:
      return block satisfies never;
  }
}

function chatAsHtml({ content, metadata }: ChatNotification): string {
  const { title, description, nextSteps, keywords } = content;
  return `<div class="slack chat">
<div class="text"><b>${markupAsHtml(title)}</b></div>
<div class="text">${markupAsHtml(description)}</div>
${nextSteps.length > 0 ? `<b>Next steps</b><ul>${nextSteps.map((step) => `<li>${markupAsHtml(step)}</li>`).join("")}</ul>` : ""}
<p class="context">${html(keywords.join(" · "))} · thread ${html(metadata.threadId)}</p>
</div>`;
}

const STYLE = `
:root { color-scheme: light; font: 14px/1.45 system-ui, "Liberation Sans", sans-serif; color: #1d1c1d; }
body { margin: 0; display: grid; grid-template-columns: 15rem 1fr; background: #f4f4f5; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; box-sizing: border-box; background: #fff; border-right: 1px solid #ddd; }
nav h1 { font-size: 1.2rem; margin: 0 0 .5rem; }
nav ol { list-style: none; margin: 0; padding: 0; font-size: .85rem; }
nav li { border-left: 4px solid; padding: .1rem .5rem; margin: 2px 0; }
a { color: #1264a3; text-decoration: none; }
main { padding: 1rem; min-width: 0; }
section { background: #fff; border: 1px solid #ddd; border-radius: 8px; padding: 1rem; margin-bottom: 1.5rem; }
h2 { margin: 0 0 .5rem; padding-left: .6rem; border-left: 6px solid; font-size: 1.2rem; }
h3 { margin: .2rem 0; font-size: .8rem; text-transform: uppercase; letter-spacing: .04em; color: #666; }
.critical { border-color: #c4001a; } .high { border-color: #e8912d; } .medium { border-color: #e0c341; } .low { border-color: #9aa5b1; }
.channels { display: grid; grid-template-columns: 1.1fr 1fr 1fr; gap: 1rem; }
.channels > article { min-width: 0; }
.email, .slack { border: 1px solid #e2e2e2; border-radius: 6px; padding: .8rem; overflow-wrap: anywhere; }
.email .subject { font-weight: 700; margin: 0 0 .6rem; padding-bottom: .6rem; border-bottom: 1px solid #eee; }
pre { font: 12px/1.4 ui-monospace, "Liberation Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.slack pre { background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: .5rem; margin: .3rem 0; }
.slack code { font: 12px ui-monospace, "Liberation Mono", monospace; color: #c0143c; background: #f8f8f8; border: 1px solid #e4e4e4; border-radius: 3px; padding: 0 .2rem; }
.slack .header { font-size: 1.15rem; font-weight: 800; margin: 0 0 .4rem; }
.slack .text { white-space: pre-wrap; margin: .5rem 0; }
.slack .context { font-size: .8rem; color: #616061; margin: .4rem 0; }
.chat { border-left: 4px solid #7b5bd6; }
.chat ul { margin: .2rem 0; padding-left: 1.2rem; }
details { margin-top: .6rem; font-size: .85rem; } details pre { background: #fafafa; padding: .5rem; }
`;
