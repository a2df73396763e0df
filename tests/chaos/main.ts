/**
 * `npm run chaos -- --schedules 10000 --seed 1`: plays schedules, seed after seed, and stops at the first violation with its
 * seed and what happened. `--bug NAME` plants a bug and plays until it is caught.
 */
import { parseArgs } from "node:util";
import { BUG_NAMES, type BugName, bug as bugOf, isBugName } from "./bugs.ts";
import { explain } from "./explain.ts";
import { scheduleOf } from "./schedule.ts";
import { play, type Result } from "./simulation.ts";

const USAGE = `usage: npm run chaos -- [--schedules 10000] [--seed 1] [--keep-going] [--bug NAME]
  --schedules  how many are played, from that seed on
  --seed       of the first; the same seed plays the same again
  --keep-going plays on after a violation, and counts them
  --bug        plants one of ${BUG_NAMES.join(", ")}`;

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    bug: { type: "string" },
    "keep-going": { type: "boolean", default: false },
  },
});
const [schedules, first] = [wholeNumber("--schedules", values.schedules), wholeNumber("--seed", values.seed)];
const planted = values.bug === undefined ? undefined : bugName(values.bug);
const begun = performance.now();
const totals: Record<string, number> = {};
const broken = new Map<string, number[]>();

for (let seed = first; seed < first + schedules; seed++) {
  const result = await play(scheduleOf(seed), { bug: planted });
  for (const [name, count] of Object.entries(result.counts)) totals[name] = (totals[name] ?? 0) + count;
  const [violation] = result.violations;
  if (violation) {
    broken.set(violation.invariant, [...(broken.get(violation.invariant) ?? []), seed]);
    if (!values["keep-going"]) await fail(seed, result);
  }
  const done = seed - first + 1;
  if (done % 500 === 0) say(`${done} schedules, ${Math.round(performance.now() - begun)} ms`);
}
say(`${schedules} schedules from seed ${first} on, ${Math.round((performance.now() - begun) / 1000)} s; in all:`);
say(
  Object.entries(totals)
    .map(([name, count]) => `  ${name}: ${count}`)
    .join("\n"),
);
for (const [invariant, seeds] of broken) {
  say(`${seeds.length} broke \`${invariant}\`, such as seed ${seeds.slice(0, 10).join(", ")}`);
}
if (planted)
  say(`the planted bug \`${planted}\` (${bugOf(planted).what}) was ${broken.size > 0 ? "caught" : "NOT caught"}`);
else if (broken.size === 0) say("no violation");
process.exitCode = broken.size > 0 && !planted ? 1 : planted && broken.size === 0 ? 1 : 0;

async function fail(seed: number, { violations }: Result): Promise<never> {
  const again = await play(scheduleOf(seed), { trace: true, bug: planted });
  say(explain(seed, violations, again.trace, planted));
  if (planted) {
    const [violation] = violations;
    const isExpected = violation && bugOf(planted).caughtBy.includes(violation.invariant);
    say(
      `the planted bug \`${planted}\` was caught after ${seed - first + 1} schedules${isExpected ? "" : ", but not as expected"}`,
    );
    process.exit(isExpected ? 0 : 1);
  }
  process.exit(1);
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) refuse(`\`${option}\` takes a whole number, not \`${text}\``);
  return Number(text);
}

function bugName(text: string): BugName {
  if (!isBugName(text)) refuse(`no bug is called \`${text}\`; there are ${BUG_NAMES.join(", ")}`);
  return text;
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n${USAGE}\n`);
  process.exit(2);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
