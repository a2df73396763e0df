/**
 * `node bench/callers.ts`: what it costs to find, judge and plan for the callers of a large account, as multiples of
 * reading and parsing the same documents. It asserts nothing. Each measurement is a process of its own, so that neither
 * memory nor what is remembered carries over; the time is the fastest of several.
 */
import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { accountOfPages } from "../packages/cli/src/callers/account-files.ts";
import { readAccountPage } from "../packages/cli/src/callers/account-page.ts";
import { type AccountId, accountId } from "../packages/core/src/arn.ts";
import type { IamAccount } from "../packages/core/src/callers/account.ts";
import { reviewCallers } from "../packages/core/src/callers/review.ts";
import { agentsIn, detailsPages, detailsText, keysIn, LARGE, type Size } from "./account.ts";

const ROUNDS = 5;
/** `deployed`: a review as the deployed function does it, of the API's own pages, read by the SDK. */
const WORK = ["nothing", "parse", "read", "review", "deployed"] as const;
type Work = (typeof WORK)[number];

interface Measured {
  readonly ms: number;
  /** The process's own, at its highest, in MB. */
  readonly memory: number;
  readonly said: string;
}

/** What any reader does: the page, and then each document in it. */
function parse(text: string): readonly unknown[] {
  const documents: unknown[] = [];
  JSON.parse(text, (name, value: unknown) => {
    if (name !== "PolicyDocument" && name !== "Document") return value;
    const parsed: unknown = JSON.parse(decodeURIComponent(String(value)));
    documents.push(parsed);
    return parsed;
  });
  return documents;
}

function ownId(): AccountId {
  const id = accountId("111122223333");
  if (!id) throw new Error("the benchmark's account is none");
  return id;
}

function account(text: string): IamAccount {
  return accountOfPages([{ file: "the page", page: readAccountPage(JSON.parse(text)) }], ownId());
}

/** The adapter and its SDK are loaded here only: what they take is not to count for the others. */
async function accountByApi(file: string): Promise<IamAccount> {
  const { IAMClient } = await import("@aws-sdk/client-iam");
  const { iamAccountDirectory } = await import("../packages/aws/src/iam-account.ts");
  let page = 0;
  const requestHandler = {
    handle: async () => ({
      response: { statusCode: 200, headers: {}, body: createReadStream(`${file}.${page++}.xml`) },
    }),
  };
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const client = new IAMClient({ region: "eu-west-1", credentials, requestHandler });
  const reading = await iamAccountDirectory(client, ownId()).read();
  if (reading.kind !== "read") throw new Error("the benchmark's account can't be read");
  return reading.account;
}

function review(iam: IamAccount, size: Size): string {
  const settings = { modeTag: "bedrock-key-guard", guardRoles: new Set<string>(), judged: { kind: "all" } as const };
  const { callers } = reviewCallers(iam, agentsIn(size), keysIn(size), settings);
  const judged = callers.reduce((sum, { judgements }) => sum + judgements.length, 0);
  const planned = callers.filter(({ plan }) => plan.kind === "put").length;
  return `${callers.length} callers, ${judged} judgements, ${planned} policies planned`;
}

const WORKERS: Readonly<Record<Work, (file: string, size: Size) => string | Promise<string>>> = {
  nothing: () => "",
  parse: (file) => `${parse(readFileSync(file, "utf8")).length} documents`,
  read: (file) => `${account(readFileSync(file, "utf8")).roles.length} roles`,
  review: (file, size) => review(account(readFileSync(file, "utf8")), size),
  deployed: async (file, size) => review(await accountByApi(file), size),
};

async function work(what: Work, file: string, size: Size): Promise<Measured> {
  const start = performance.now();
  const said = await WORKERS[what](file, size);
  const ms = performance.now() - start;
  return { ms, memory: process.resourceUsage().maxRSS / 1024, said };
}

interface Job {
  readonly what: Work;
  readonly size: Size;
}

/** The rounds of all jobs take turns, so that a slow moment of the machine slows all of them. */
function measured(jobs: readonly Job[]): readonly Measured[] {
  const folder = mkdtempSync(path.join(tmpdir(), "bedrock-key-guard-bench-"));
  const files = jobs.map(({ what, size }, i) => {
    const file = path.join(folder, `details-${i}.json`);
    if (what !== "deployed") writeFileSync(file, detailsText(size));
    else for (const [n, page] of detailsPages(size).entries()) writeFileSync(`${file}.${n}.xml`, page);
    return file;
  });
  const rounds = Array.from({ length: ROUNDS }, () =>
    jobs.map(({ what, size }, i) => {
      const args = [fileURLToPath(import.meta.url), what, files[i] ?? "", JSON.stringify(size)];
      return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Measured;
    }),
  );
  rmSync(folder, { recursive: true });
  return jobs.map((_, i) => best(rounds.flatMap((round) => round[i] ?? [])));
}

function best(runs: readonly Measured[]): Measured {
  const [first] = runs;
  if (!first || runs.some(({ said }) => said !== first.said)) throw new Error("the same work ended differently");
  const ms = Math.min(...runs.map((one) => one.ms));
  const memory = Math.min(...runs.map((one) => one.memory));
  return { ms, memory, said: first.said };
}

const GROWN: readonly (readonly [string, Size])[] = [
  ["twice the roles", { ...LARGE, roles: LARGE.roles * 2 }],
  ["four times the roles", { ...LARGE, roles: LARGE.roles * 4 }],
  ["twice the statements of each role", { ...LARGE, statements: 2 }],
  ["four times the statements of each role", { ...LARGE, statements: 4 }],
  ["twice the agents", { ...LARGE, agents: LARGE.agents * 2 }],
  [
    "twice the roles, users, groups and managed policies",
    { ...LARGE, roles: 2000, users: 400, groups: 100, managed: 1000 },
  ],
];

function compare(): void {
  const { roles, users, groups, managed, agents } = LARGE;
  console.log(`${roles} roles, ${users} users, ${groups} groups, ${managed} managed policies, ${agents} agents`);
  console.log(`  ${(detailsText(LARGE).length / 1e6).toFixed(1)} MB as the API gives them`);
  const jobs = [
    ...WORK.map((what): Job => ({ what, size: LARGE })),
    ...GROWN.map(([, size]): Job => ({ what: "review", size })),
  ];
  const [nothing, parsed, read, reviewed, deployed, ...grown] = measured(jobs);
  if (!nothing || !parsed || !read || !reviewed || !deployed) throw new Error("nothing was measured");
  const times = (ms: number) => `${(ms / parsed.ms).toFixed(1)} times parsing (${ms.toFixed(0)} ms)`;
  console.log(`  parsing, ${parsed.said}: ${parsed.ms.toFixed(0)} ms`);
  console.log(`  reading them as policies: ${times(read.ms)}`);
  console.log(`  reading, finding, judging and planning: ${times(reviewed.ms)}; ${reviewed.said}`);
  const more = (one: Measured) => one.memory - nothing.memory;
  console.log(
    `  memory at its highest: ${reviewed.memory.toFixed(0)} MB of 512, ${(more(reviewed) / more(parsed)).toFixed(1)} times ` +
      `what parsing adds to an idle process (${more(parsed).toFixed(0)} MB on ${nothing.memory.toFixed(0)})`,
  );
  if (deployed.said !== reviewed.said) throw new Error("the API's pages and the CLI's text end differently");
  console.log(
    `  as deployed, from the API's XML by the SDK: ${times(deployed.ms)}, ${deployed.memory.toFixed(0)} MB of 512 at its highest`,
  );
  for (const [i, [what]] of GROWN.entries()) {
    const { ms = 0, said = "" } = grown[i] ?? {};
    console.log(`  ${what}: ${(ms / reviewed.ms).toFixed(2)} times as long; ${said}`);
  }
}

const [, , what, file, size] = process.argv;
const chosen = WORK.find((one) => one === what);
if (chosen === undefined || file === undefined || size === undefined) compare();
else console.log(JSON.stringify(await work(chosen, file, JSON.parse(size) as Size)));
