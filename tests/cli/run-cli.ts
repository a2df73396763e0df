import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What `npx bedrock-key-guard …` runs, without a terminal. */
export function cli(args: readonly string[], stdin: string | Uint8Array = ""): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    const texts = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      texts.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      texts.err += text;
    });
    // A command that refuses its options ends before it has read anything.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...texts }));
  });
}

/** Control characters but the line feed, direction marks, and other lines' ends. */
export const ACTS_ON_TERMINALS = /[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u;

/** A folder of files that goes away with the tests. */
export interface Folder {
  /** Stores a file: text and bytes as they are, anything else as JSON. Returns its path. */
  put(name: string, content: unknown): string;
  path(name: string): string;
  remove(): void;
}

export function newFolder(): Folder {
  const folder = mkdtempSync(path.join(tmpdir(), "bedrock-key-guard-cli-"));
  const at = (name: string) => path.join(folder, name);
  return {
    put(name, content) {
      const raw = typeof content === "string" || content instanceof Uint8Array;
      writeFileSync(at(name), raw ? content : JSON.stringify(content));
      return at(name);
    },
    path: at,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
