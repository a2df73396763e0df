/** Slack's limits. https://docs.slack.dev/reference/block-kit/blocks, and what it was seen to refuse: messages of 13,000 characters. */
import { faultsOfMarkup } from "./validate-markup.ts";

type Json = Readonly<Record<string, unknown>>;

/** @param message - as it is posted, parsed from its JSON */
export function faultsOfSlack(message: unknown): readonly string[] {
  const { text, blocks, ...settings } = message as Json;
  const faults: string[] = [];
  const expected = { link_names: false, unfurl_links: false, unfurl_media: false };
  if (JSON.stringify(settings) !== JSON.stringify(expected)) faults.push(`is posted with ${JSON.stringify(settings)}`);
  faults.push(...faultsOfText("the text", { type: "mrkdwn", text, verbatim: true }, "mrkdwn", 3_000));
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return [...faults, "has not 1 to 50 blocks"];
  for (const [i, block] of blocks.entries()) faults.push(...faultsOfBlock(`block ${i}`, block as Json));
  const all = textsIn(blocks).reduce((sum, one) => sum + one.length, 0);
  return all > 12_000 ? [...faults, `has ${all} characters in all`] : faults;
}

function faultsOfBlock(name: string, { type, ...members }: Json): readonly string[] {
  const keys = Object.keys(members).join(" ");
  if (type === "header" && keys === "text") return faultsOfText(name, members.text, "plain_text", 150);
  if (type === "section" && keys === "text") return faultsOfText(name, members.text, "mrkdwn", 3_000);
  if (type === "section" && keys === "fields") return faultsOfList(name, members.fields, 2_000);
  if (type === "context" && keys === "elements") return faultsOfList(name, members.elements, 3_000);
  return [`${name} is a \`${type}\` with ${keys}`];
}

function faultsOfList(name: string, list: unknown, longest: number): readonly string[] {
  if (!Array.isArray(list) || list.length === 0 || list.length > 10) return [`${name} has not 1 to 10 texts`];
  return list.flatMap((one, i) => faultsOfText(`${name}.${i}`, one, "mrkdwn", longest));
}

function faultsOfText(name: string, value: unknown, type: string, longest: number): readonly string[] {
  const { text, ...members } = value as Json;
  const expected = type === "mrkdwn" ? { type, verbatim: true } : { type, emoji: true };
  if (JSON.stringify(members) !== JSON.stringify(expected)) return [`${name} is ${JSON.stringify(members)}`];
  if (typeof text !== "string" || text.trim() === "") return [`${name} has no text`];
  const faults = text.length > longest ? [`${name} has ${text.length} characters`] : [];
  return [...faults, ...faultsOfMarkup(text).map((fault) => `${name} ${fault}`)];
}

/** All texts of a message, wherever they stand. */
function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === "text" && typeof one === "string" ? [one] : textsIn(one),
  );
}
