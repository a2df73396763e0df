/** Files as text, with a limit: a file of the wrong kind must not fill the memory before it is refused. */
import { createReadStream } from "node:fs";
import { InputError } from "./input-error.ts";

/** Several times the longest policy that KMS knows, of which a case holds a few. */
export const MAX_BYTES = 1_048_576;

/** What stands for the standard input among the names of files. */
export const STDIN = "-";

const NEWLINE = 0x0a;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined where the line is longer than `MAX_BYTES`. */
  readonly bytes: Buffer | undefined;
}

export function nameOf(file: string): string {
  return file === STDIN ? "the standard input" : `\`${file}\``;
}

/** @throws InputError where the file can't be read, is longer than `max` bytes, or is not UTF-8 */
export async function readText(file: string, max = MAX_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(file)) {
    length += chunk.length;
    if (length > max) {
      throw new InputError(`${nameOf(file)}: it has more than ${max} bytes; give a file of at most that`);
    }
    chunks.push(chunk);
  }
  return decode(nameOf(file), Buffer.concat(chunks));
}

/** Line by line, so that a file of any length can be read; one that is too long is passed over and said to be. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  let number = 1;
  let held: Buffer[] = [];
  let length = 0;
  const line = (): Line => ({ number: number++, bytes: length > MAX_BYTES ? undefined : Buffer.concat(held) });
  for await (const chunk of chunksOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, end));
      yield line();
      held = [];
      length = 0;
      start = end + 1;
    }
    hold(chunk.subarray(start));
  }
  if (length > 0) yield line();

  function hold(part: Buffer): void {
    length += part.length;
    if (length > MAX_BYTES) held = [];
    else held.push(part);
  }
}

/** @param where what the bytes are, for the error */
export function decode(where: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${where} is not UTF-8 text; save it as UTF-8 (PowerShell's \`>\` may write UTF-16)`);
  }
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  try {
    const stream = file === STDIN ? process.stdin : createReadStream(file);
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    // What the reader throws inside the loop is its own.
    if (error instanceof InputError) throw error;
    throw new InputError(`${nameOf(file)}: ${unreadable(error)}`);
  }
}

function unreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return `there is no such file; a relative path starts from \`${process.cwd()}\``;
    case "EISDIR":
      return "it is a directory; give a file";
    case "EACCES":
      return "you may not read it; give a file that you may read";
    default:
      return `it can't be read: ${message}; give a file that can`;
  }
}
