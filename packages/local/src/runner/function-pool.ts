/** The functions of the stack, each in processes of its own, with the environment and the role that the graph gives. */
import path from "node:path";
import type { Caller, NamedPolicy } from "../contract.ts";
import type { Access } from "./access.ts";
import type { CredentialRegistry } from "./credentials.ts";
import { functionEnvironment } from "./function-environment.ts";
import { type FunctionProcess, type InvocationResult, startFunctionProcess } from "./function-process.ts";
import type { FunctionModel, RoleModel, StackModel } from "./model.ts";
import { decryptionRefusal } from "./start-decryption.ts";
import type { StackClock } from "./time.ts";
import type { UsageRecorder } from "./usage.ts";

export interface LogLine {
  readonly functionName: string;
  /** ISO 8601. */
  readonly at: string;
  readonly line: string;
}

export interface LocalFunction {
  readonly model: FunctionModel;
  /** Whom the function calls as. */
  readonly caller: Caller;
  invoke(event: unknown): Promise<InvocationResult>;
  running(): number;
}

export interface FunctionPool {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly logs: readonly LogLine[];
  /** Starts one process of each function. @throws when a bundle can't be loaded. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface FunctionPoolOptions {
  readonly model: StackModel;
  readonly access: Access;
  readonly usage: UsageRecorder;
  readonly credentials: CredentialRegistry;
  /** Asked when a process starts: the front door must be open by then. */
  readonly endpoint: () => string;
  /** The directory from which the graph names the bundles. */
  readonly root: string;
  readonly slackWebhookUrl: string | undefined;
  readonly clock: StackClock;
  readonly onLine: ((line: LogLine) => void) | undefined;
  readonly onInvoke: OnInvoke | undefined;
}

/**
 * Told of each invocation as it begins, with a way to end its process in the middle of it.
 *
 * @param functionName as in the stack, such as `bedrock-key-guard-local-reconcile`
 */
export type OnInvoke = (functionName: string, event: unknown, kill: () => void) => void;

export function functionPool(options: FunctionPoolOptions): FunctionPool {
  const { model, access, usage } = options;
  const logs: LogLine[] = [];
  const processes = new Set<FunctionProcess>();
  let stopped = false;
  const functions = new Map(model.functions.map((one) => [one.name, localFunction(one)]));

  function localFunction(one: FunctionModel): LocalFunction & { warm(): Promise<void> } {
    const role = roleFor(model, one.roleArn, "lambda.amazonaws.com", access);
    const caller = sessionOf(role, one.name, model.account);
    const idle: FunctionProcess[] = [];
    let running = 0;

    /** @throws when the bundle can't be loaded. */
    async function startProcess(): Promise<FunctionProcess> {
      if (stopped) throw new Error("the stack is stopped");
      mayWriteLogs(one, caller);
      const refusal = decryptionRefusal(one, caller, model, access);
      if (refusal) throw doesNotStart(one, refusal);
      const started = startFunctionProcess({
        model: one,
        bundle: path.resolve(options.root, one.bundle),
        environment: environmentOf(one, caller),
        clock: options.clock,
        onLine: (line) => log(one, line),
        onRead: (names) => usage.variables(one.name, names),
      });
      processes.add(started);
      const failure = await started.started;
      if (failure) {
        processes.delete(started);
        await started.stop();
        throw doesNotStart(one, `${failure.errorMessage}; is \`${one.bundle}\` bundled?`);
      }
      return started;
    }

    async function invoke(event: unknown): Promise<InvocationResult> {
      running += 1;
      try {
        const used = idle.pop() ?? (await startProcess());
        options.onInvoke?.(one.name, event, () => used.kill());
        const result = used.alive() ? await used.invoke(event) : { kind: "crashed" as const, detail: "it had ended" };
        if (used.alive()) idle.push(used);
        else processes.delete(used);
        return result;
      } catch (error) {
        return { kind: "crashed", detail: error instanceof Error ? error.message : String(error) };
      } finally {
        running -= 1;
      }
    }

    return {
      model: one,
      caller,
      invoke,
      running: () => running,
      warm: async () => void idle.push(await startProcess()),
    };
  }

  function doesNotStart(one: FunctionModel, why: string): Error {
    usage.lacking(`function ${one.name} does not start: ${why}`);
    return new Error(`the function \`${one.name}\` does not start: ${why}`);
  }

  function log(one: FunctionModel, line: string): void {
    const entry = { functionName: one.name, at: new Date().toISOString(), line };
    logs.push(entry);
    options.onLine?.(entry);
  }

  /** Lambda writes the log as the function: without the permissions there is none, which a run must not overlook. */
  function mayWriteLogs(one: FunctionModel, caller: Caller): void {
    const resource = `arn:aws:logs:${model.region}:${model.account}:log-group:${one.logGroup}:log-stream:latest`;
    for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"]) access({ caller, action, resource });
  }

  function environmentOf(one: FunctionModel, caller: Caller): Record<string, string> {
    return functionEnvironment(one, {
      region: model.region,
      endpoint: options.endpoint(),
      credentials: options.credentials.register(caller),
      root: options.root,
      slackWebhookUrl: options.slackWebhookUrl,
    });
  }

  return {
    functions,
    logs,
    start: async () => {
      await Promise.all([...functions.values()].map((one) => one.warm()));
    },
    stop: async () => {
      stopped = true;
      await Promise.all([...processes].map((one) => one.stop()));
    },
  };
}

/** The role, once its trust policy admits the service that takes it on. @throws when it does not. */
export function roleFor(
  model: StackModel,
  roleArn: string,
  service: string,
  access: Access,
  source?: { readonly arn: string; readonly account: string },
): RoleModel {
  const role = model.roles.find(({ arn }) => arn === roleArn);
  if (!role) throw new Error(`the resource graph holds no role \`${roleArn}\``);
  const caller: Caller = { kind: "service", name: service };
  const trust: NamedPolicy = role.trust;
  const question = { caller, action: "sts:AssumeRole", resource: roleArn, resourcePolicy: trust };
  const answer = access({ ...question, ...(source ? { source } : {}) });
  if (answer.kind === "denied")
    throw new Error(`the role \`${role.name}\` does not trust ${service}: ${answer.message}`);
  return role;
}

export function sessionOf(role: RoleModel, sessionName: string, account: string): Caller {
  return { kind: "role", roleArn: role.arn, sessionName, account, policies: role.policies };
}
