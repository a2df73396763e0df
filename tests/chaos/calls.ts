/**
 * Calls of the guard's handlers to the world. Each takes time, in which others act, and each is a place where the handler
 * can crash, before its effect or after, or be told of an error though the effect was had.
 */
import type { Engine } from "./engine.ts";
import type { Faults } from "./faults.ts";
import type { Trace } from "./trace.ts";

/** One invocation of one of the guard's functions. */
export interface Handler {
  readonly name: string;
  readonly startedAt: number;
  readonly faults: Faults;
  /** Ends the invocation as a crash or a timeout of Lambda does: nothing that it waits for ever comes. */
  crash(): void;
  dead: boolean;
  calls: number;
}

/** Somebody who acts right when a call is made, or right when it had its effect. */
export type Ambush = (name: string, moment: "before" | "after") => void;

export class Calls {
  readonly #engine: Engine;
  readonly #trace: Trace;
  ambush: Ambush = () => {};

  constructor(engine: Engine, trace: Trace) {
    this.#engine = engine;
    this.#trace = trace;
  }

  call<T>(handler: Handler, name: string, effect: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (handler.dead) return;
      handler.calls++;
      const fault = handler.faults.forCall(name, handler.calls);
      this.#engine.after(handler.faults.latency(), () => {
        if (handler.dead) return;
        this.ambush(name, "before");
        if (fault.kind === "crash-before") return this.#crash(handler, name, fault.kind);
        if (fault.kind === "error-before") {
          this.#trace.add(handler.name, () => `${name} fails: ${fault.error.name}`);
          this.#engine.woke();
          return reject(fault.error);
        }
        const settle = this.#settled(effect, resolve, reject);
        this.ambush(name, "after");
        if (fault.kind === "crash-after") return this.#crash(handler, name, fault.kind);
        if (fault.kind === "error-after") {
          this.#trace.add(handler.name, () => `${name} was done, and fails: ${fault.error.name}`);
          this.#engine.woke();
          return reject(fault.error);
        }
        this.#engine.after(fault.kind === "slow-answer" ? fault.milliseconds : 0, () => {
          if (handler.dead) return;
          this.#engine.woke();
          settle();
        });
      });
    });
  }

  sleep(handler: Handler, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#engine.after(milliseconds, () => {
        if (handler.dead) return;
        this.#engine.woke();
        resolve();
      });
    });
  }

  #settled<T>(effect: () => T, resolve: (answer: T) => void, reject: (error: unknown) => void): () => void {
    try {
      const answer = effect();
      return () => resolve(answer);
    } catch (error) {
      return () => reject(error);
    }
  }

  #crash(handler: Handler, name: string, kind: string): void {
    this.#trace.add(handler.name, () => `CRASH at ${name} (${kind})`);
    handler.crash();
  }
}
