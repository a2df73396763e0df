/**
 * Writes `stacks/graph.json`: every resource that `sst deploy` would make for the stage `local`, with all references
 * resolved. It is read in reviews as a diff, held to rules by tests, and run by the local AWS.
 *
 *   node scripts/stack-graph.ts [FILE]            write it
 *   node scripts/stack-graph.ts --check [FILE]    exit 1 with the differences when it is out of date
 *
 *   --settings JSON    with other settings than those of the stage, such as '{"slack":false}'
 *   --region NAME      as it would be deployed there
 *
 * `inputs` are those of Pulumi's resource type, with policies and event patterns as objects instead of JSON text.
 * `state` is what AWS would say of the resource: `id`, and `arn`, `url` and a function's `bundle` where it has them.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type MadeResource, pulumiMocks } from "./pulumi-mocks.ts";
import { type Evaluation, ensurePlatform, evaluate } from "./sst-platform.ts";

const root = resolve(import.meta.dirname, "..");
const { values: options, positionals } = parseArgs({
  options: {
    check: { type: "boolean" },
    settings: { type: "string" },
    region: { type: "string", default: "eu-west-1" },
  },
  allowPositionals: true,
});
const file = resolve(positionals[0] ?? join(root, "stacks/graph.json"));
const shown = relative(process.cwd(), file);

export interface GraphResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly state: Record<string, unknown>;
}

interface Graph {
  readonly app: Record<string, unknown>;
  readonly resources: readonly GraphResource[];
  readonly outputs: Record<string, unknown>;
}

async function makeGraph(): Promise<Graph> {
  process.env.DEPLOYMENT_ID = "the-deployment";
  // The local AWS puts its own endpoint in the place of this text.
  process.env.SST_SECRET_SlackWebhook = "https://slack.invalid/secret/SlackWebhook";
  const mocks = pulumiMocks({ account: "111122223333", region: options.region });
  const changes = options.settings === undefined ? undefined : JSON.parse(options.settings);
  const evaluation = await evaluate(root, mocks, changes);
  return {
    app: { ...evaluation.app },
    resources: mocks.resources
      .map((resource) => graphResource(resource, evaluation))
      .sort((a, b) => compare(a.type, b.type) || compare(a.name, b.name)),
    outputs: sorted(evaluation.outputs),
  };
}

// Not localeCompare: the machine's language must not change the file.
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function graphResource({ type, name, inputs, state }: MadeResource, { bundles }: Evaluation): GraphResource {
  if (type === "aws:lambda/function:Function") {
    const bundle = bundles.get(name.replace(/Function$/, ""));
    return {
      type,
      name,
      inputs: readable({ ...inputs, s3Key: "contents of the bundle" }),
      state: { ...state, bundle },
    };
  }
  if (type === "aws:s3/bucketObjectv2:BucketObjectv2") {
    const bundle = bundles.get(name.replace(/Code$/, ""));
    return {
      type,
      name,
      inputs: readable({ ...inputs, key: "contents of the bundle", source: bundle }),
      state: { ...state },
    };
  }
  return { type, name, inputs: readable(inputs), state: { ...state } };
}

const DOCUMENTS = new Set([
  "policy",
  "assumeRolePolicy",
  "eventPattern",
  "redrivePolicy",
  "redriveAllowPolicy",
  "dashboardBody",
]);

/** The value with sorted keys, and with documents parsed; a document keeps its order, as it is deployed. */
function readable(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs)
      .sort(([a], [b]) => compare(a, b))
      .map(([key, value]) => [
        key,
        DOCUMENTS.has(key) && typeof value === "string" ? JSON.parse(value) : member(value),
      ]),
  );
}

function member(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(member);
  return typeof value === "object" && value !== null ? readable({ ...value }) : value;
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compare(a, b)));
}

/** One line for each place in which two graphs differ. */
function differences(before: unknown, after: unknown, path = ""): string[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path ? `${path}.${key}` : key));
  }
  const [was, is] = [JSON.stringify(before), JSON.stringify(after)];
  if (was === is) return [];
  if (was === undefined) return [`+ ${path}: ${short(is)}`];
  if (is === undefined) return [`- ${path}: ${short(was)}`];
  return [`~ ${path}: ${short(was)} → ${short(is)}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function short(text: string | undefined): string {
  return text && text.length > 100 ? `${text.slice(0, 100)}…` : `${text}`;
}

/** The resources by what they are called instead of by position: one that is added shifts no other. */
function byName(graph: Graph): Record<string, unknown> {
  const resources = graph.resources.map(({ type, name, ...rest }) => [`${name} (${type})`, rest]);
  return { app: graph.app, outputs: graph.outputs, ...Object.fromEntries(resources) };
}

function check(text: string, graph: Graph): number {
  const stored = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (stored === text) {
    console.log(`${shown} is up to date: ${graph.resources.length} resources`);
    return 0;
  }
  const lines = stored === undefined ? [] : differences(byName(JSON.parse(stored)), byName(graph));
  console.error(`${shown} is not what stacks/ would deploy:`);
  for (const line of lines.slice(0, 40)) console.error(`  ${line}`);
  if (lines.length > 40) console.error(`  … and ${lines.length - 40} more`);
  console.error("run `npm run stack:graph`, read the diff, and commit it");
  return 1;
}

ensurePlatform(root);
const graph = await makeGraph();
const text = `${JSON.stringify(graph, null, 2)}\n`;
if (options.check) {
  process.exitCode = check(text, graph);
} else {
  writeFileSync(file, text);
  console.log(`wrote ${shown}: ${graph.resources.length} resources`);
}
