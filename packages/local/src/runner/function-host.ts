/**
 * The process of one function: loads the bundle that SST would deploy and calls its handler for each event, one at a
 * time, as Lambda's runtime does. Started by `function-process.ts`.
 */
import { syncBuiltinESMExports } from "node:module";
import { pathToFileURL } from "node:url";
import type { FromFunction, FunctionError, HostArguments, ToFunction } from "./function-protocol.ts";
import { clockTime } from "./time.ts";

const [, , text = ""] = process.argv;
const host: HostArguments = JSON.parse(text); // written by `function-process.ts`

function tell(message: FromFunction): void {
  process.send?.(message);
}

/** Lets the runner know which of the graph's variables the code reads. A copy of all of them counts as reading all. */
function watchVariables(watched: ReadonlySet<string>): void {
  const told = new Set<string>();
  const read = (name: string | symbol) => {
    if (typeof name !== "string" || told.has(name) || !watched.has(name)) return;
    told.add(name);
    tell({ kind: "read", names: [name] });
  };
  process.env = new Proxy(process.env, {
    get(target, name) {
      read(name);
      return Reflect.get(target, name);
    },
    has(target, name) {
      read(name);
      return Reflect.has(target, name);
    },
  });
  // `import { env } from "node:process"` is the same object.
  syncBuiltinESMExports();
}

/** Lambda's own clock: how long a function may still run is counted by it. */
const realNow = Date.now;

let { clock } = host;

/** The function's code asks the clock by `Date` alone; timers stay real, as its work does. */
function compressClock(): void {
  const now = () => clockTime(clock, realNow());
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values, self) => Reflect.construct(target, values.length === 0 ? [now()] : values, self),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, self) => (name === "now" ? now : Reflect.get(target, name, self)),
  });
}

function errorOf(error: unknown): FunctionError {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: error.stack ?? String(error) };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: String(error) };
}

type Handler = (event: unknown, context: object) => unknown;

async function load(): Promise<Handler> {
  const [file = "", name = ""] = host.handler.split(".");
  const module: Record<string, unknown> = await import(pathToFileURL(`${host.bundle}/${file}.mjs`).href);
  const handler = module[name];
  if (typeof handler !== "function") throw new Error(`${host.handler} is no function of ${host.bundle}`);
  return (event, context) => handler(event, context);
}

async function invoke(handler: Handler, { id, event, context, ...told }: ToFunction): Promise<void> {
  clock = told.clock;
  const { deadline, ...rest } = context;
  const getRemainingTimeInMillis = () => Math.max(0, deadline - realNow());
  try {
    const value = await handler(event, { ...rest, getRemainingTimeInMillis, callbackWaitsForEmptyEventLoop: true });
    tell({ kind: "returned", id, value: value ?? null });
  } catch (error) {
    const described = errorOf(error);
    console.error(JSON.stringify({ level: "ERROR", message: "Invoke Error", ...described }));
    tell({ kind: "threw", id, error: described });
  }
}

watchVariables(new Set(host.watched));
if (host.clock.kind === "compressed") compressClock();
// The runner is gone: so is its cloud.
process.once("disconnect", () => process.exit(0));
try {
  const handler = await load();
  process.on("message", (message: ToFunction) => void invoke(handler, message));
  tell({ kind: "ready" });
} catch (error) {
  const described = errorOf(error);
  console.error(JSON.stringify({ level: "ERROR", message: "Init Error", ...described }));
  const failed: FromFunction = { kind: "failed-to-start", error: described };
  process.send?.(failed, undefined, undefined, () => process.exit(1));
}
