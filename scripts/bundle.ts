/**
 * Bundles each function to `dist/functions/NAME/index.mjs`: the artifact that is tested, run on a laptop and deployed.
 * Equal sources give equal bytes, in any checkout.
 *
 *   node scripts/bundle.ts [NAME …]        all functions, or the named ones
 *
 * The source maps lie apart in `dist/maps`: SST uploads a bundle's whole directory, and Lambda would read a map that lies
 * in it at each cold start. A minified stack trace can still be read with them.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
const FUNCTIONS = ["intake", "reconcile", "callers", "sweep", "announce", "notify-slack"];

/** What a CommonJS dependency in the bundle calls, and what an ES module does not have. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/**
 * Bundles one function.
 *
 * @returns the size of the bundle in bytes.
 * @throws Error when there is no such function, or when esbuild can't make sense of it (it has said why).
 */
async function bundle(name: string): Promise<number> {
  const entry = `packages/functions/src/${name}.ts`;
  if (!existsSync(join(root, entry))) {
    throw new Error(
      `the function \`${name}\` has no entry \`${entry}\`; write it, or take the name out of scripts/bundle.ts`,
    );
  }
  const directory = join(root, "dist/functions", name);
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outfile: join(directory, "index.mjs"),
    write: false,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: REQUIRE },
    sourcemap: "external",
    sourcesContent: false,
  });
  mkdirSync(directory, { recursive: true });
  let size = 0;
  for (const { path, contents } of outputFiles) {
    if (extname(path) === ".map") {
      put(join(root, "dist/maps", name, "index.mjs.map"), contents);
    } else {
      put(path, contents);
      size = contents.byteLength;
    }
  }
  // What SST left there while deploying would be uploaded by the next one, and is no part of what was tested.
  for (const file of readdirSync(directory))
    if (file !== "index.mjs") rmSync(join(directory, file), { recursive: true });
  return size;
}

/** Puts a file in place at once: a function that starts meanwhile finds the former one or this one, whole. */
function put(file: string, contents: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = join(root, "dist", `.draft-${process.pid}`);
  writeFileSync(draft, contents);
  renameSync(draft, file);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : FUNCTIONS;
try {
  for (const name of wanted) {
    const size = await bundle(name);
    console.log(`dist/functions/${name}/index.mjs  ${Math.round(size / 1000)} kB`);
  }
} catch (error) {
  console.error(`bundling failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
