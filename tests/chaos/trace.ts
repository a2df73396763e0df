/** What happened, for a person to read. Lines are only made when somebody asked for them. */
import { createHash } from "node:crypto";
import type { Engine } from "./engine.ts";

export class Trace {
  readonly lines: string[] = [];
  readonly #engine: Engine;
  readonly #isOn: boolean;
  readonly #begun: number;

  constructor(engine: Engine, isOn: boolean) {
    this.#engine = engine;
    this.#isOn = isOn;
    this.#begun = engine.now;
  }

  add(who: string, what: () => string): void {
    if (!this.#isOn) return;
    const seconds = (this.#engine.now - this.#begun) / 1000;
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, (seconds % 60).toFixed(3)];
    this.lines.push(`${h}:${String(m).padStart(2, "0")}:${s.padStart(6, "0")}  ${who.padEnd(12)} ${what()}`);
  }

  digest(): string {
    return createHash("sha256").update(this.lines.join("\n")).digest("hex");
  }
}

/** ARNs without what all have in common. */
export function short(text: string): string {
  return text
    .replaceAll(/arn:aws:kms:[^:]*:\d*:key\/(\d)\d{7}[-\d]*/g, "K$1")
    .replaceAll(/arn:aws:iam::\d+:role\/(?:[\w-]+\/)*/g, "role:")
    .replaceAll(/arn:aws:bedrock:[^:]*:\d*:agent\//g, "agent:");
}
