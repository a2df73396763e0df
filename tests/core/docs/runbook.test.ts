/** docs/runbook.md against the code: each kind of finding, and the very commands that alerts and alarms name. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { operatorCommands } from "../../../packages/aws/src/operator-commands.ts";
import type { CallerArn, KeyArn } from "../../../packages/core/src/arn.ts";
import type { Identity } from "../../../packages/core/src/callers/account.ts";
import { managedPolicyRemedy, trimCommand } from "../../../packages/core/src/callers/remedies.ts";
import { putCommand } from "../../../packages/core/src/callers/snippets.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const PAGE = read("docs/runbook.md");
const LINES = new Set(PAGE.split("\n").map((line) => line.trim()));
const sections = new Map(PAGE.split(/^(?=##)/m).map((text) => [/^#+ (.*)$/m.exec(text)?.[1] ?? "", text] as const));

describe("the runbook's findings", () => {
  test("are all kinds of findings, each once, and no others", () => {
    const headings = [...PAGE.matchAll(/^### (.*)$/gm)].map(([, heading = ""]) => heading);
    expect(headings.sort()).toEqual([...FINDING_KINDS].sort());
  });

  test.each(FINDING_KINDS)("%s says what it means, who is affected, what to run first, and what ends it", (kind) => {
    const text = sections.get(kind) ?? "";
    expect([...text.matchAll(/^- \*\*(\w+)\*\*: ?\S*/gm)].map(([, label]) => label)).toEqual([
      "Means",
      "Affected",
      "First",
      "Ends",
    ]);
    const [, first = ""] = text.split("- **First**:");
    expect(first).toMatch(/^ {2}```sh\n {2}(aws|npx) /m);
  });

  test("have severities that their code gives", () => {
    for (const [kind, severities] of severitiesInCode()) {
      const said = /^### .*\n\n(.*)$/m.exec(sections.get(kind) ?? "")?.[1]?.toLowerCase() ?? "";
      for (const severity of severities) expect(said, kind).toContain(severity);
      for (const other of ["critical", "high", "medium", "low"].filter((one) => !severities.has(one))) {
        expect(said, kind).not.toMatch(new RegExp(`\\b${other}\\b`));
      }
    }
  });
});

describe("the runbook's commands", () => {
  test("are those of alerts, of the guard's own command line", () => {
    const commands = operatorCommands({ table: "TABLE", region: "REGION" });
    const key = "KEY" as KeyArn;
    expect(LINES).toContain(commands.rollback({ key, id: "ENTRY" }));
    expect(LINES).toContain(commands.history(key));
    expect(LINES).toContain(commands.resumeKey(key));
    expect(LINES).toContain(commands.resumeGuard());
    expect(LINES).toContain(commands.findings());
    expect(LINES).toContain(commands.silence(["REF"]));
    const caller = "arn:aws:iam::111122223333:role/App" as CallerArn;
    const ofCaller = [commands.rollback({ caller, id: "ENTRY" }), commands.history(caller), commands.resume(caller)];
    for (const command of ofCaller) expect(LINES).toContain(command.replace(caller, "ARN"));
  });

  test("are those of alerts, of the AWS CLI", () => {
    const found = commandsInCode();
    expect(found.size).toBeGreaterThan(3);
    for (const command of found) expect(LINES).toContain(command);
  });

  test("are those of alerts about callers, with the policy in a file", () => {
    const document = { Version: "2012-10-17" };
    const inFile = (command: string) => {
      expect(command).toContain(JSON.stringify(document));
      return command.replace(`'${JSON.stringify(document)}'`, "file://policy.json");
    };
    for (const kind of ["role", "user"] as const) {
      const identity = { kind, name: "NAME", arn: `arn:aws:iam::ACCOUNT:${kind}/NAME` } as Identity;
      expect(LINES).toContain(inFile(putCommand(identity, document)));
      expect(LINES).toContain(trimCommand(identity, undefined));
      if (kind === "user") continue;
      const [create = "", attach = ""] = managedPolicyRemedy(identity, document).filter((line) =>
        line.startsWith("aws "),
      );
      expect(LINES).toContain(inFile(create));
      expect(LINES).toContain(attach);
    }
  });

  test("are those of the alarms", () => {
    const found = commandsOfAlarms();
    // Of queues three, of functions three, of topics one; of the sweep three of its own.
    expect(found.size).toBe(10);
    for (const command of found) expect(LINES).toContain(command);
  });

  test("name queues and functions of the stack", () => {
    const graph = read("stacks/graph.json");
    const named = PAGE.matchAll(/bedrock-key-guard-STAGE-[\w.]+(?:-[\w.]+)*(?=[\s`/])/g);
    const names = new Set([...named].map(([name]) => name.replace("STAGE", "local").replace("REGION", "eu-west-1")));
    expect(names.size).toBeGreaterThan(8);
    for (const name of names) expect(graph, name).toContain(`"${name}"`);
  });

  test("link to places that are there", () => {
    const anchors = new Set([...PAGE.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => anchorOf(text)));
    for (const [, link = ""] of PAGE.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(link);
    for (const [, link = ""] of PAGE.matchAll(/\]\((?!#|https?:)([^)#]+)/g)) {
      expect(() => readFileSync(new URL(link, new URL("docs/", ROOT))), link).not.toThrow();
    }
  });
});

function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(" ", "-");
}

const FOLDERS = ["packages/core/src/finding/", "packages/core/src/key/"];

/** The sources in which findings are made. */
function sources(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => readdirSync(new URL(folder, ROOT)).map((file) => read(`${folder}${file}`)));
}

/** Each kind with the severities that stand in the same `finding({ … })`. */
function severitiesInCode(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const note = (kind: string, words: string) => {
    const severities = [...words.matchAll(/"(critical|high|medium|low)"/g)].map(([, severity = ""]) => severity);
    found.set(kind, new Set([...(found.get(kind) ?? []), ...severities]));
  };
  for (const text of sources([...FOLDERS, "packages/core/src/callers/", "packages/core/src/self/"])) {
    const made = text.matchAll(
      /inding\(\s*\{\s+(?:\.\.\.parts,\s+(?:which: .*,\s+)?)?kind: "([a-z-]+)",\s+severity: (.*),/g,
    );
    for (const [, kind = "", words = ""] of made) note(kind, words);
    // Kinds in a table, and what the one place that reads it may make of their severity.
    const [, instead = ""] = /inding\(\s*\{\s+kind: KINDS\[kind\]\.kind,\s+severity: (.*),/.exec(text) ?? [];
    const inTable = text.matchAll(/\{ kind: "([a-z-]+)", severity: ("\w+") \}/g);
    for (const [, kind = "", words = ""] of inTable) note(kind, `${words} ${instead}`);
    noteWritten(text, note);
  }
  // A kind that is made in another form would not be looked at.
  expect([...found.keys()].sort()).toEqual([...FINDING_KINDS].sort());
  return found;
}

/** What was written: kinds and severities are decided in one place, and the findings made in another. */
function noteWritten(text: string, note: (kind: string, words: string) => void): void {
  const [, byFate = ""] = /const severity = (fate .*);/.exec(text) ?? [];
  const [, grave = "", itsSeverity = ""] = /severity: kind === "([a-z-]+)" \? ("\w+") : severity/.exec(text) ?? [];
  for (const [, kind = ""] of text.matchAll(/kind: "([a-z-]+)",\s+deed:/g)) {
    note(kind, kind === grave ? itsSeverity : byFate);
  }
  const [, kinds = "", severity = ""] = /inding\(\{\s+kind: (action .*),\s+severity: (.*),/.exec(text) ?? [];
  const [, others = ""] = /const kind = (.*);/.exec(text) ?? [];
  if (kinds === "") return;
  for (const [, kind = ""] of `${kinds} ${others}`.matchAll(/"([a-z]+-[a-z-]+)"/g)) note(kind, severity);
}

/** What an alert puts into its commands, as the page writes it. */
const PLACES: Readonly<Record<string, string>> = {
  region: "REGION",
  "partsOf(key).region": "REGION",
  "partsOf(write.key).region": "REGION",
  id: "KEY_ID",
  "keyId(key)": "KEY_ID",
  "keyId(write.key)": "KEY_ID",
  "write.eventId": "EVENT_ID",
};

function commandsInCode(): ReadonlySet<string> {
  const templates = sources(FOLDERS).flatMap((text) =>
    [...text.matchAll(/`(aws [^`]+)`/g)].map(([, template = ""]) => template),
  );
  return new Set(
    templates.map((template) =>
      template.replaceAll(/\$\{([^}]+)\}/g, (_, code: string) => {
        const word = PLACES[code];
        if (word === undefined) throw new Error(`the runbook has no word for \`${code}\` of \`${template}\``);
        return word;
      }),
    ),
  );
}

interface GraphResource {
  readonly inputs: { readonly alarmDescription?: string };
}

function commandsOfAlarms(): ReadonlySet<string> {
  const { resources } = JSON.parse(read("stacks/graph.json")) as { readonly resources: readonly GraphResource[] };
  const descriptions = resources.flatMap(({ inputs }) => inputs.alarmDescription ?? []);
  const commands = descriptions.flatMap((text) => text.match(/aws (?:sqs|sns|logs|lambda) .+?(?= -- |$)/g) ?? []);
  return new Set(
    commands.map((command) =>
      command
        .replaceAll("eu-west-1", "REGION")
        .replaceAll("111122223333", "ACCOUNT")
        .replaceAll("bedrock-key-guard-local-", "bedrock-key-guard-STAGE-")
        // The page shows one queue's, one function's and one topic's.
        .replace(/-STAGE-[\w-]+-dlq(\.fifo)?$/, "-STAGE-intake-dlq")
        .replace(/-STAGE-[\w-]+(\.fifo)?(?= --attribute-names)/, "-STAGE-intake")
        .replace(/-STAGE-[\w-]+(?= .*--since 1h$)/, "-STAGE-reconcile")
        .replace(/(get-function-concurrency .*-STAGE-)[\w-]+$/, "$1reconcile")
        .replace(/(--topic-arn .*-STAGE-)[\w-]+$/, "$1alerts"),
    ),
  );
}
