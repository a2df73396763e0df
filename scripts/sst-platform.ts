/** SST's components in `.sst/platform`: put there when missing, and run without a cloud. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { CallArgs, ResourceArgs } from "./pulumi-mocks.ts";

/** The stage whose settings the graph, the tests and the local AWS have. */
export const STAGE = "local";

export interface StackMocks {
  newResource(args: ResourceArgs): { id: string; state: Record<string, unknown> };
  call(args: CallArgs): Record<string, unknown>;
}

export interface App {
  readonly name: string;
  readonly home: string;
  readonly removal?: string;
  readonly protect?: boolean;
}

/** Of `Settings` in stacks/settings.ts, which checks them: a setting is replaced as a whole. */
export type SettingsChanges = Readonly<Record<string, unknown>>;

export interface Evaluation {
  readonly app: App;
  readonly outputs: Record<string, unknown>;
  /** The bundle's directory of each function that SST makes, by SST's name for it. */
  readonly bundles: ReadonlyMap<string, string>;
}

/** The part of Pulumi's SDK that is used here. Its types live in `.sst`, which may not be there yet. */
interface Pulumi {
  readonly runtime: {
    setMocks(mocks: StackMocks, project: string, stack: string, preview: boolean): Promise<void>;
    runInPulumiStack(program: () => Promise<unknown>): Promise<Record<string, unknown> | undefined>;
  };
  output(value: unknown): { apply(use: (value: unknown) => void): unknown };
}

interface Program {
  readonly run: (program: () => Promise<unknown>) => Promise<unknown>;
  readonly config: { app(input: { stage: string }): Promise<App>; run(): Promise<unknown> };
}

/**
 * Makes sure that `.sst/platform` is the one of the installed SST, which takes half a minute and the npm registry the
 * first time. Needs neither credentials nor an account.
 */
export function ensurePlatform(root: string): void {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/sst/package.json"), "utf8"));
  const installed = join(root, ".sst/platform/version");
  const complete = ["provider-lock.json", "platform/node_modules/@pulumi/aws/package.json"];
  const present =
    existsSync(installed) &&
    readFileSync(installed, "utf8").trim() === version &&
    complete.every((file) => existsSync(join(root, ".sst", file)));
  if (present) return;
  console.error(`installing SST ${version}'s components into .sst/platform, once (about half a minute) …`);
  execFileSync("npx", ["sst", "install", "--stage", STAGE], {
    cwd: root,
    stdio: ["ignore", process.stderr, "inherit"],
    env: { ...process.env, SST_SKIP_DEPENDENCY_CHECK: "1", SST_NO_BUN: "1", SST_TELEMETRY_DISABLED: "1" },
  });
}

/**
 * Runs `sst.config.ts` as `sst deploy` would, under Pulumi's mocks. Once a process: Pulumi keeps its state globally.
 *
 * @param changes - settings other than those of the stage, checked like them
 */
export async function evaluate(root: string, mocks: StackMocks, changes?: SettingsChanges): Promise<Evaluation> {
  const platform = join(root, ".sst/platform");
  const work = mkdtempSync(join(tmpdir(), "stack-graph-"));
  const bundles = new Map<string, string>();
  // Next to Pulumi's own modules: a second copy of them would not know the mocks.
  const program = join(platform, `stack-graph.${process.pid}.mjs`);
  process.once("exit", () => {
    rmSync(program, { force: true });
    rmSync(work, { recursive: true, force: true });
  });
  const pulumi: Pulumi = createRequire(join(platform, "package.json"))("@pulumi/pulumi");
  process.env.SST_SERVER = await sstServer(work, bundles);
  await pulumi.runtime.setMocks(mocks, "bedrock-key-guard", STAGE, false);
  await bundleProgram(root, platform, program, changes);
  const cli = { command: "graph", dev: false, paths: { home: work, root, work, platform }, state: { version: {} } };
  Object.assign(globalThis, { __sst_cli: cli });
  const { run, config }: Program = await import(pathToFileURL(program).href);
  const app = await config.app({ stage: STAGE });
  Object.assign(globalThis, { __sst_app: { protect: false, ...app, stage: STAGE } });
  const result = await pulumi.runtime.runInPulumiStack(() => run(() => config.run()));
  const outputs = await settled(pulumi, result ?? {});
  await nothingLeftToDo();
  return { app, outputs, bundles };
}

/**
 * Components make resources when their inputs are known, long after the program has returned, and tell nobody when they
 * are done. Pulumi itself waits until Node would end for want of work; so does this.
 */
function nothingLeftToDo(): Promise<void> {
  return new Promise((done) => process.once("beforeExit", () => done()));
}

async function settled(pulumi: Pulumi, outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const values = Object.entries(outputs)
    .filter(([name]) => !name.startsWith("_"))
    .map(
      ([name, value]) =>
        new Promise<[string, unknown]>((done) => {
          pulumi.output(value).apply((known) => done([name, known]));
        }),
    );
  return Object.fromEntries(await Promise.all(values));
}

/** What SST's CLI answers its own components while they run. Does not keep the process alive. */
async function sstServer(work: string, bundles: Map<string, string>): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method, params } = JSON.parse(body);
    // A connection kept open would keep the process from running out of work for seconds.
    response.setHeader("connection", "close");
    response.end(JSON.stringify({ id: 0, ...answer(method, params[0]) }));
  });
  function answer(method: string, input: { functionID: string; bundle?: string; handler: string }) {
    switch (method) {
      case "Provider.Aws.Bootstrap":
        return { result: { asset: "sst-asset", state: "sst-state" } };
      case "Runtime.Build":
        if (!input.bundle)
          return { error: `function \`${input.functionID}\` has no \`bundle\`; make one with npm run bundle` };
        bundles.set(input.functionID, input.bundle);
        // An empty directory in the bundle's place: the graph is the same before and after bundling.
        return {
          result: { handler: input.handler, out: mkdtempSync(join(work, "bundle-")), errors: [], sourcemaps: [] },
        };
      default:
        return { error: `SST's components ask for \`${method}\`, which the graph has no answer to` };
    }
  }
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  server.unref();
  return `http://127.0.0.1:${address.port}`;
}

/** The code that exports the configuration as `config`. */
function configuration(root: string, changes: SettingsChanges | undefined): string {
  const file = (name: string) => JSON.stringify(join(root, name));
  if (!changes) return `export { default as config } from ${file("sst.config.ts")};`;
  // SST's components can be imported once the app is known, not before.
  return `import deployed from ${file("sst.config.ts")};
    async function run() {
      const { guard } = await import(${file("stacks/guard.ts")});
      const { checked, settingsFor } = await import(${file("stacks/settings.ts")});
      return guard(checked({ ...settingsFor(${JSON.stringify(STAGE)}), ...${JSON.stringify(changes)} }));
    }
    export const config = { app: deployed.app, run };`;
}

/** `sst.config.ts` and SST's start-up in one module, with the globals that SST gives to an app. */
async function bundleProgram(
  root: string,
  platform: string,
  outfile: string,
  changes: SettingsChanges | undefined,
): Promise<void> {
  const providers: { alias: string; package: string }[] = JSON.parse(
    readFileSync(join(root, ".sst/provider-lock.json"), "utf8"),
  );
  const globals = [
    ...providers.map((provider) => `import * as ${provider.alias} from ${JSON.stringify(provider.package)};`),
    `import * as sst from ${JSON.stringify(join(platform, "src/components"))};`,
  ].join(" ");
  await build({
    stdin: {
      contents: `export { run } from ${JSON.stringify(join(platform, "src/auto/run.ts"))};
        ${configuration(root, changes)}`,
      resolveDir: root,
      loader: "ts",
    },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    logLevel: "silent",
    nodePaths: [join(platform, "node_modules")],
    inject: [join(platform, "src/shim/run.js")],
    external: [
      "@pulumi/*",
      "@pulumiverse/*",
      "@sst-provider/*",
      "@aws-sdk/*",
      "undici",
      "esbuild",
      "archiver",
      "glob",
      "vite",
    ],
    define: { $app: "globalThis.__sst_app", $cli: "globalThis.__sst_cli", $dev: "false" },
    banner: {
      js: [
        'import { createRequire as __createRequire } from "node:module";',
        'import { fileURLToPath as __fileURLToPath } from "node:url";',
        "const require = __createRequire(import.meta.url);",
        "const __filename = __fileURLToPath(import.meta.url);",
        'const __dirname = __fileURLToPath(new URL(".", import.meta.url));',
      ].join("\n"),
    },
    plugins: [
      {
        name: "globals",
        setup(setup) {
          setup.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (path.startsWith(platform) || path.includes("/node_modules/")) return undefined;
            return { contents: `${globals}\n${readFileSync(path, "utf8")}`, loader: "ts" };
          });
        },
      },
    ],
  });
}
