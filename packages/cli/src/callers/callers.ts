/** `callers`: who may invoke agents, and whether they can use the agents' key, from files. */
import { accountOf } from "@bedrock-key-guard/core/arn.ts";
import { reviewCallers } from "@bedrock-key-guard/core/callers/review.ts";
import { type AgentDocument, agentsOf, readAgentDocument } from "../check/agent-files.ts";
import { readKey } from "../check/key.ts";
import { whichKey } from "../check/which-key.ts";
import { inPlace } from "../input/input-error.ts";
import { parseJson } from "../input/parse-json.ts";
import { policyInFile } from "../input/policy.ts";
import { nameOf, readText } from "../input/read-text.ts";
import { need, readOptions } from "../options.ts";
import { harmless, harmlessJson, print } from "../output/terminal.ts";
import { columns } from "../output/wrap.ts";
import { accountOfPages, type PageFile } from "./account-files.ts";
import { readAccountPage } from "./account-page.ts";
import { type FoundCallers, isShort } from "./found.ts";
import { callersJson } from "./report-json.ts";
import { callersText } from "./report-text.ts";

export const CALLERS_HELP = `bedrock-key-guard callers --authorization-details FILE --key-policy FILE --agent FILE [options]

Says which roles and users may invoke agents, by the policies of the account, and whether each can use the agents' key
as AWS documents that callers must; and for who lacks it, the inline policy to attach. No AWS account is asked: what an
organization's policies refuse is not seen, and an alias that a policy names is taken to exist.

  --authorization-details FILE
                     the account's IAM as \`aws iam get-account-authorization-details\` prints it, documents as objects
                     or as URL-encoded text; several pages are several files, given with an option each
  --key-policy FILE  the key policy, as JSON or as \`aws kms get-key-policy\` prints it
  --agent FILE       an agent as \`aws bedrock-agent get-agent\` prints it, or a numbered version of one of them as
                     \`aws bedrock-agent get-agent-version\` prints it; may be given several times
  --key FILE         the key as \`aws kms describe-key\` prints it; left out, it is the one that the agents name, and
                     taken for an enabled symmetric customer managed key
  --json             all of it as JSON

FILE may be - for the standard input, once.
Exit code: 0 all callers are able, 1 one lacks the key or is not certain to have it, 2 bad input. Wildcard
administrators are told, and do not count.
`;

/** An account's IAM is longer than any policy: some thousands of roles, and AWS's own managed policies. */
const MAX_DETAILS = 134_217_728;

/** The tag by which an owner keeps the guard from a role or a user, as it is by default for keys. */
const MODE_TAG = "bedrock-key-guard";

export async function callers(args: readonly string[]): Promise<number> {
  const options = readOptions(args, {
    command: "callers",
    values: { "authorization-details": "often", "key-policy": "once", agent: "often", key: "once" },
    flags: ["json"],
  });
  if (options.has("help")) {
    await print(CALLERS_HELP.trimEnd());
    return 0;
  }
  need(options, "authorization-details", "callers");
  const policyFile = need(options, "key-policy", "callers");
  need(options, "agent", "callers");

  const { policy: keyPolicy } = await readFile(policyFile, policyInFile);
  const documents: { readonly file: string; readonly document: AgentDocument }[] = [];
  for (const file of options.all("agent")) {
    documents.push({ file, document: await readFile(file, (text) => readAgentDocument(parseJson(text))) });
  }
  const keyFile = options.one("key");
  const described = keyFile === undefined ? undefined : await readFile(keyFile, (text) => readKey(parseJson(text)));
  const { key, agents, notes } = whichKey(agentsOf(documents), described);
  const pages: PageFile[] = [];
  for (const file of options.all("authorization-details")) {
    pages.push({ file, page: await readFile(file, (text) => readAccountPage(parseJson(text)), MAX_DETAILS) });
  }
  const [agent] = agents;
  if (!agent) throw new Error("`--agent` was given, and no agent was read");

  const account = accountOfPages(pages, accountOf(agent.arn));
  const known = { facts: key, policy: { origin: { kind: "key-policy", key: key.arn }, document: keyPolicy } } as const;
  const given = new Set(agents.map(({ arn }) => arn));
  const review = reviewCallers(
    account,
    agents.map((one) => ({ agent: one, aliases: [] })),
    new Map([[key.arn, known]]),
    {
      modeTag: MODE_TAG,
      guardRoles: new Set(),
      // Other agents and keys were not given: what the guard's policies hold for them is not ours to judge.
      judged: { kind: "these", among: (need) => need.key === key.arn && given.has(need.agent) },
    },
  );
  const unusable =
    key.state === "Enabled" ? [] : [`the key is ${key.state}: nobody can use it, whatever the policies say`];
  const found: FoundCallers = { key, agents, notes: [...notes, ...unusable], review };
  await print(options.has("json") ? harmlessJson(callersJson(found), 2) : harmless(callersText(found, columns())));
  return review.callers.some(isShort) ? 1 : 0;
}

async function readFile<T>(file: string, read: (text: string) => T, max?: number): Promise<T> {
  const text = await readText(file, max);
  return inPlace(nameOf(file), () => read(text));
}
