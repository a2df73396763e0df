import { setTimeout } from "node:timers/promises";
import type { Clock } from "@bedrock-key-guard/core/ports.ts";

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  sleep: async (milliseconds) => {
    await setTimeout(milliseconds);
  },
  random: Math.random,
};
