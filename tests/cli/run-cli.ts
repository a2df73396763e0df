import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** AWS as nobody is reached there: whatever a test does wrong, no real account hears of it. */
const NOWHERE: NodeJS.ProcessEnv = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_ACCESS_KEY_ID: "nobody",
  AWS_SECRET_ACCESS_KEY: "nothing",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** This process's environment without what leads to an AWS account, and with `more`. */
export function safeEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(AWS|BEDROCK_KEY_GUARD)_/.test(name));
  return { ...Object.fromEntries(others), ...NOWHERE, ...more };
}

/** What `npx bedrock-key-guard …` runs, without a terminal. */
export function cli(
  args: readonly string[],
  stdin: string | Uint8Array = "",
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return run(process.execPath, [MAIN, ...args], stdin, environment);
}

/** A line as a person types it into a shell, in this repository's folder. */
export function shell(line: string, environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return run("sh", ["-c", line], "", environment);
}

function run(
  command: string,
  args: readonly string[],
  stdin: string | Uint8Array,
  environment: NodeJS.ProcessEnv,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: safeEnvironment(environment),
      stdio: ["pipe", "pipe", "pipe"],
    });
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
