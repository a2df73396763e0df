/**
 * Fails when an import points the wrong way: functions → aws → core, cli → aws → core; local and tests may see everything, and nothing
 * sees them. The core imports no SDK, reads no environment and asks no clock.
 */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";

interface Room {
  /** Rooms whose files may be imported. */
  readonly sees: readonly string[];
  /** Packages from the registry, by prefix; `node:` modules are named like packages. */
  readonly packages: readonly string[];
  /** What its text may not hold, with the reason. */
  readonly never?: readonly { readonly text: RegExp; readonly why: string }[];
}

const ANYTHING = [""];
const ROOMS: Readonly<Record<string, Room>> = {
  core: {
    sees: ["core"],
    packages: ["node:crypto"],
    never: [
      { text: /\bprocess\./, why: "the core reads no environment" },
      {
        text: /\bnew Date\(\)|\bDate\.now\(|\bsetTimeout\(|\bperformance\./,
        why: "the core asks no clock: use the Clock port",
      },
      { text: /\bMath\.random\(|\brandomUUID\(/, why: "the core throws no dice" },
      { text: /\bfetch\(/, why: "the core talks to nobody" },
    ],
  },
  aws: { sees: ["core", "aws"], packages: ["@aws-sdk/", "@smithy/", "node:", "zod"] },
  functions: {
    sees: ["core", "aws", "functions"],
    packages: ["node:", "zod", "@middy/", "@aws-lambda-powertools/", "aws-lambda"],
  },
  cli: {
    // The commands that look after a deployed guard go through its own adapters: one writer, one journal.
    sees: ["core", "aws", "cli"],
    packages: ["node:"],
    never: [
      {
        text: /\bfrom\s+"@bedrock-key-guard\/aws\//,
        why: "the SDK is loaded by `await import` when a command needs it: check and simulate stay fast",
      },
    ],
  },
  stacks: { sees: ["stacks"], packages: ["node:"] },
  local: { sees: ["core", "aws", "functions", "stacks", "local"], packages: ANYTHING },
};

const violations = Object.entries(ROOMS).flatMap(([name, room]) =>
  filesOf(name).flatMap((file) => check(file, name, room)),
);
for (const violation of violations) console.error(violation);
if (violations.length > 0) {
  console.error(
    `\n${violations.length} import(s) or call(s) point the wrong way; the rooms are listed in scripts/check-dependencies.ts`,
  );
  process.exit(1);
}

function filesOf(room: string): readonly string[] {
  const files = globSync(room === "stacks" ? "stacks/*.ts" : `packages/${room}/src/**/*.ts`);
  if (files.length === 0) throw new Error(`room \`${room}\` has no files: the check would pass by seeing nothing`);
  return files.sort();
}

function check(file: string, name: string, room: Room): readonly string[] {
  const text = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const imports = [...text.matchAll(/\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g)].map((m) => m[1] ?? m[2] ?? "");
  const wrong = imports
    .filter((target) => !isAllowed(target, file, name, room))
    .map((target) => `${file}: \`${name}\` may not import \`${target}\``);
  const called = (room.never ?? [])
    .filter(({ text: never }) => never.test(text))
    .map(({ text: never, why }) => `${file}: has ${never.source}: ${why}`);
  return [...wrong, ...called];
}

function isAllowed(target: string, file: string, name: string, room: Room): boolean {
  const other = /^@bedrock-key-guard\/(\w+)\//.exec(target)?.[1];
  if (other) return other !== name && room.sees.includes(other);
  if (!target.startsWith(".")) return room.packages.some((prefix) => target.startsWith(prefix));
  const resolved = path.relative(process.cwd(), path.resolve(path.dirname(file), target));
  const own = name === "stacks" ? "stacks/" : `packages/${name}/src/`;
  // A neighbour is imported by its package's name, so that the arrow shows; stacks/ has none.
  return resolved.startsWith(own) || (name === "local" && resolved.startsWith("stacks/"));
}
