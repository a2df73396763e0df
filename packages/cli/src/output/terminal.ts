/**
 * Text for people and for programs. What is printed comes from files that others wrote: an escape sequence in a name
 * could rewrite what the terminal shows, and a direction mark could make one ARN look like another.
 */
import { plain } from "@bedrock-key-guard/core/finding/render.ts";

/** Several lines, each made harmless. */
export function harmless(text: string): string {
  return text.split("\n").map(plain).join("\n");
}

/** JSON whose text holds no character that a terminal acts on; it parses to the same value. */
export function harmlessJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** Waits where the reader is slow, so that many answers don't pile up in memory. */
export function print(text: string): Promise<void> {
  return writeLine(process.stdout, text);
}

export function printError(text: string): Promise<void> {
  return writeLine(process.stderr, `error: ${text}`);
}

async function writeLine(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (stream.write(`${text}\n`)) return;
  await new Promise<void>((resolve) => stream.once("drain", () => resolve()));
}
