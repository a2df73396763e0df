import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { FromFunction, FunctionError, HostArguments, InvocationContext, ToFunction } from "./function-protocol.ts";
import type { FunctionModel } from "./model.ts";
import type { StackClock } from "./time.ts";

/** What became of one invocation. */
export type InvocationResult =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: FunctionError }
  | { readonly kind: "timed-out"; readonly seconds: number }
  | { readonly kind: "crashed"; readonly detail: string };

/** One execution environment: a process that runs one invocation at a time. */
export interface FunctionProcess {
  /** Resolves when the bundle is loaded or could not be: then with what went wrong. */
  readonly started: Promise<FunctionError | undefined>;
  readonly alive: () => boolean;
  invoke(event: unknown): Promise<InvocationResult>;
  /** Ends it in the middle of whatever it does, as a crash would. */
  kill(): void;
  stop(): Promise<void>;
}

export interface FunctionProcessOptions {
  readonly model: FunctionModel;
  /** The directory of the bundle. */
  readonly bundle: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: StackClock;
  readonly onLine: (line: string) => void;
  readonly onRead: (variables: readonly string[]) => void;
}

const HOST = fileURLToPath(new URL("./function-host.ts", import.meta.url));

export function startFunctionProcess(options: FunctionProcessOptions): FunctionProcess {
  const { model } = options;
  const host: HostArguments = {
    bundle: options.bundle,
    handler: model.handler,
    watched: Object.keys(model.variables),
    clock: options.clock,
  };
  const child = fork(HOST, [JSON.stringify(host)], {
    env: { ...options.environment },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "json",
  });
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(String(error)));
    // `close` comes after the last line of the log, `exit` may come before.
    child.once("close", (code, signal) => resolve(signal ? `killed by ${signal}` : `exited with code ${code}`));
  });
  const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
  let alive = true;
  void exited.then(() => {
    alive = false;
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", options.onLine);
  }

  let settle: ((message: FromFunction) => void) | undefined;
  const started = new Promise<FunctionError | undefined>((resolve) => {
    child.on("message", (message: FromFunction) => {
      if (message.kind === "read") options.onRead(message.names);
      else if (message.kind === "ready") resolve(undefined);
      else if (message.kind === "failed-to-start") resolve(message.error);
      else settle?.(message);
    });
    void exited.then((detail) => resolve({ errorType: "Runtime.ExitError", errorMessage: detail, trace: detail }));
  });

  async function invoke(event: unknown): Promise<InvocationResult> {
    const id = randomUUID();
    const timeout = model.timeoutSeconds * 1000;
    const context: InvocationContext = {
      functionName: model.name,
      functionVersion: "$LATEST",
      invokedFunctionArn: model.arn,
      memoryLimitInMB: String(model.memoryMegabytes),
      awsRequestId: id,
      logGroupName: model.logGroup,
      logStreamName,
      deadline: Date.now() + timeout,
    };
    const answered = new Promise<InvocationResult>((resolve) => {
      settle = (message) => {
        if (message.kind === "returned" && message.id === id) resolve({ kind: "returned", value: message.value });
        if (message.kind === "threw" && message.id === id) resolve({ kind: "threw", error: message.error });
      };
    });
    const crashed = exited.then((detail): InvocationResult => ({ kind: "crashed", detail }));
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<InvocationResult>((resolve) => {
      timer = setTimeout(() => {
        options.onLine(`${id} Task timed out after ${model.timeoutSeconds}.00 seconds`);
        alive = false;
        child.kill("SIGKILL");
        resolve({ kind: "timed-out", seconds: model.timeoutSeconds });
      }, timeout);
    });
    child.send({ kind: "invoke", id, event, context, clock: options.clock } satisfies ToFunction, () => {
      // A process that ended meanwhile is noticed by `exited`.
    });
    const result = await Promise.race([answered, crashed, expired]);
    clearTimeout(timer);
    settle = undefined;
    return result;
  }

  return {
    started,
    alive: () => alive,
    invoke,
    kill: () => {
      alive = false;
      child.kill("SIGKILL");
    },
    stop: () => stop(child, exited),
  };
}

async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}
