/**
 * The schema of custom notifications: Amazon Q drops what does not keep to it, without a word.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
import { faultsOfMarkup } from "./validate-markup.ts";

type Json = Readonly<Record<string, unknown>>;

/** @param message - as it is published, parsed from its JSON */
export function faultsOfChat(message: unknown): readonly string[] {
  const { version, source, id, content, metadata, ...others } = message as Json;
  const { textType, title, description, nextSteps, keywords, ...otherContent } = content as Json;
  const { threadId, summary, additionalContext, ...otherMetadata } = metadata as Json;
  const faults: string[] = [];
  const unknown = Object.keys({ ...others, ...otherContent, ...otherMetadata });
  if (unknown.length > 0) faults.push(`has ${unknown.join(", ")}`);
  if (version !== "1.0" || source !== "custom") faults.push("is not of version 1.0 and the source custom");
  if (textType !== "client-markdown") faults.push("is not client-markdown");
  faults.push(
    ...text("id", id, 255),
    ...text("title", title, 250, faultsOfMarkup),
    ...text("description", description, 8_000, faultsOfMarkup),
    ...list("nextSteps", nextSteps, 350),
    ...list("keywords", keywords, 75),
    ...text("threadId", threadId, 255),
    ...text("summary", summary, 250, faultsOfMarkup),
  );
  const values = Object.values(additionalContext as Json);
  if (!values.every((value) => typeof value === "string")) faults.push("has a context that is not of strings");
  return faults;
}

function list(name: string, value: unknown, longest: number): readonly string[] {
  if (!Array.isArray(value) || value.length > 10) return [`has no list of at most 10 ${name}`];
  return value.flatMap((one, i) => text(`${name}.${i}`, one, longest, faultsOfMarkup));
}

function text(
  name: string,
  value: unknown,
  longest: number,
  faultsOf: (text: string) => readonly string[] = () => [],
): readonly string[] {
  if (typeof value !== "string" || value.trim() === "") return [`has no ${name}`];
  const faults = value.length > longest ? [`${name} has ${value.length} characters`] : [];
  return [...faults, ...faultsOf(value).map((fault) => `${name} ${fault}`)];
}
