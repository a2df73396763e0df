/** A person at a shell with the runbook open: its blocks of commands, run as they stand there. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { type Ended, shell as runShell } from "../../cli/run-cli.ts";
import { SOURCES_VARIABLE } from "./move-messages.ts";

const RUNBOOK = readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8");
const AWS = fileURLToPath(new URL("aws.ts", import.meta.url));

export interface Shell {
  /** The runbook's commands that start like this, each once, with this run's names in them. */
  shown(start: string, names?: Readonly<Record<string, string>>): readonly string[];
  /** Runs a line; files that it names are in a folder of its own. */
  run(line: string): Promise<Ended>;
  close(): void;
}

export function openShell({ laptop, people }: Theatre): Shell {
  const { stack, region, account } = laptop;
  const [table] = stack.model.tables;
  if (!table) throw new Error("the graph has no table");
  const folder = mkdtempSync(path.join(tmpdir(), "runbook-"));
  const aws = path.join(folder, "aws");
  writeFileSync(aws, `#!/bin/sh\nexec '${process.execPath}' '${AWS}' "$@"\n`);
  chmodSync(aws, 0o755);
  const { accessKeyId, secretAccessKey } = people.developer.credentials;
  const environment = {
    AWS_ENDPOINT_URL: stack.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    [SOURCES_VARIABLE]: JSON.stringify(sourcesOf(stack.model.queues)),
    // The project's Node runs what the page runs with `node`.
    PATH: [folder, path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
  };
  return {
    shown(start, names = {}) {
      const words = { REGION: region, ACCOUNT: account, STAGE: "local", TABLE: table.name, ...names };
      const lines = new Set(RUNBOOK.split("\n").map((line) => line.trim()));
      const found = [...lines].filter((line) => line.startsWith(start));
      if (found.length === 0) throw new Error(`no command of the runbook starts with \`${start}\``);
      return found.map((line) => line.replaceAll(/\b[A-Z]+(?:_[A-Z]+)*\b/g, (word) => nameOf(word, words)));
    },
    // npx finds the command line in the project, files are found in the folder.
    run: (line) => runShell(line.replaceAll(/\b(with|without)\.json\b/g, `${folder}/$1.json`), environment),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function nameOf(word: string, names: Readonly<Record<string, string>>): string {
  return Object.hasOwn(names, word) ? (names[word] ?? word) : word;
}

/** Whose dead letters each dead-letter queue holds. */
function sourcesOf(queues: Theatre["laptop"]["stack"]["model"]["queues"]): Readonly<Record<string, string>> {
  const redriven = queues.flatMap(({ arn, attributes: { RedrivePolicy } }) =>
    RedrivePolicy === undefined ? [] : [[JSON.parse(RedrivePolicy).deadLetterTargetArn as string, arn] as const],
  );
  return Object.fromEntries(redriven);
}
