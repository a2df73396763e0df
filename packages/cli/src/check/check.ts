/** `check`: a key's policy against what its agents need, from files. */
import { writeFileSync } from "node:fs";
import { policyWarnings } from "@bedrock-key-guard/core/key/warnings.ts";
import { isProfileId, PROFILE_IDS, type Profile, profile } from "@bedrock-key-guard/core/requirements/profiles.ts";
import { InputError, inPlace } from "../input/input-error.ts";
import { nearest } from "../input/nearest.ts";
import { parseJson } from "../input/parse-json.ts";
import { policyInFile } from "../input/policy.ts";
import { nameOf, readText } from "../input/read-text.ts";
import { need, readOptions } from "../options.ts";
import { harmless, harmlessJson, print, printError } from "../output/terminal.ts";
import { columns } from "../output/wrap.ts";
import { type AgentDocument, agentsOf, readAgentDocument } from "./agent-files.ts";
import { type Examined, examine } from "./examine.ts";
import { readKey } from "./key.ts";
import { reportJson } from "./report-json.ts";
import { reportText } from "./report-text.ts";
import { whichKey } from "./which-key.ts";

export const CHECK_HELP = `bedrock-key-guard check --key-policy FILE --agent FILE [--agent FILE …] [options]

Checks a key's policy against what AWS documents that its Amazon Bedrock agents need: a verdict for each
requirement, what would be added, and the patched policy. No AWS account is asked: roles are taken to exist, and
agents to be as printed, with no numbered versions but those that are given.

  --key-policy FILE  the key policy, as JSON or as \`aws kms get-key-policy\` prints it
  --agent FILE       an agent as \`aws bedrock-agent get-agent\` prints it, or a numbered version of one of them as
                     \`aws bedrock-agent get-agent-version\` prints it; may be given several times
  --key FILE         the key as \`aws kms describe-key\` prints it; left out, it is the one that the agents name, and
                     taken for an enabled symmetric customer managed key
  --profile NAME     what is required: \`documented\` (the default) for every agent what AWS documents for those created
                     before 2025-01-22; \`by-creation-date\` for newer agents what AWS documents for them
  --write FILE       stores the policy with what is missing added (as it is where nothing is to be added)
  --json             all of it as JSON

FILE may be - for the standard input, once.
Exit code: 0 compliant, 1 findings or something missing, 2 bad input.
`;

export async function check(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    command: "check",
    values: { "key-policy": "once", agent: "often", key: "once", profile: "once", write: "once" },
    flags: ["json"],
  });
  if (options.has("help")) {
    await print(CHECK_HELP.trimEnd());
    return 0;
  }
  const policyFile = need(options, "key-policy", "check");
  need(options, "agent", "check");
  const target = options.one("write");
  if (target === "-") throw new InputError("`--write` takes a file; the policy is in the output of `--json` too");

  const wanted = profileOf(options.one("profile"));

  const { policy, text } = await readFile(policyFile, policyInFile);
  const documents: { readonly file: string; readonly document: AgentDocument }[] = [];
  for (const file of options.all("agent")) {
    documents.push({ file, document: await readFile(file, (text) => readAgentDocument(parseJson(text))) });
  }
  const keyFile = options.one("key");
  const described = keyFile === undefined ? undefined : await readFile(keyFile, (text) => readKey(parseJson(text)));
  const { key, agents, notes } = whichKey(agentsOf(documents), described);

  const examined = examine(policy, key, agents, wanted);
  const next = nextPolicy(examined, text);
  if (target !== undefined && next !== undefined) store(target, next);
  const found = { examined, notes, warnings: policyWarnings(next ?? text, key.arn), next, stored: target };
  await print(options.has("json") ? harmlessJson(reportJson(found), 2) : harmless(reportText(found, columns())));
  if (target !== undefined && next === undefined) {
    await printError(`\`${harmless(target)}\` was not written: there is no policy that could safely be put`);
  }
  return examined.compliant ? 0 : 1;
}

function profileOf(name: string | undefined): Profile {
  if (name === undefined) return profile("documented");
  if (isProfileId(name)) return profile(name);
  const known = PROFILE_IDS.map((id) => `\`${id}\``).join(" or ");
  const meant = nearest(name, PROFILE_IDS);
  const way = meant === undefined ? `give ${known}` : `did you mean \`${meant}\`?`;
  throw new InputError(`there is no profile \`${name}\`; ${way}`);
}

async function readFile<T>(file: string, read: (text: string) => T): Promise<T> {
  const text = await readText(file);
  return inPlace(nameOf(file), () => read(text));
}

/** The policy with what is missing added; undefined where the guard would write none. */
function nextPolicy({ plan }: Examined, text: string): string | undefined {
  switch (plan.kind) {
    case "patch":
      return plan.patch.text;
    case "nothing":
      return text;
    case "too-long":
    case "no-safe-patch":
    case "withheld":
      return undefined;
    default:
      return plan satisfies never;
  }
}

function store(file: string, text: string): void {
  try {
    writeFileSync(file, text.endsWith("\n") ? text : `${text}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`\`${file}\` can't be written: ${reason}; give another file to \`--write\``);
  }
}
