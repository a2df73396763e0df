/** What must hold when all is over: faults have ended, every message was worked on, and a whole sweep has come by. */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { FindingRecord } from "../../packages/core/src/finding/record.ts";
import type { JournalState } from "../../packages/core/src/key/journal.ts";
import { foreignOf, givenBy, sameStatements, texts } from "./models/document.ts";
import { isAllowed, neededOn } from "./needs.ts";
import { short } from "./trace.ts";
import type { World } from "./world.ts";

export function judgeTheEnd(world: World): void {
  for (const key of world.kms.keys.keys()) judgeConvergence(key, world);
  judgeTold(world);
  judgeLostUpdates(world);
  judgeFalseAlarms(world);
  judgeDeadLetters(world);
}

/** Where every change was told by an event, no sweep is needed for a key to get what its agents need. */
export function judgePromptness(world: World): void {
  const { kms, bedrock, watch } = world;
  for (const key of kms.keys.keys()) {
    if (!mayBeRepaired(key, world)) continue;
    const policy = kms.livePolicy(key);
    const missing = [...neededOn(key, bedrock.agents)].find((subject) => !isAllowed(key, policy, subject));
    if (missing !== undefined) watch.broken("promptness", `${short(key)} does not allow what ${short(missing)} needs`);
  }
}

/** Whether nothing but the guard keeps a key from being in order. */
export function mayBeRepaired(key: KeyArn, { watch, kms }: World): boolean {
  if (watch.rails.inTheWay(key).length > 0) return false;
  return foreignOf(kms.livePolicy(key)).every(({ Effect, Principal }) => Effect !== "Deny" && !hasOrphan(Principal));
}

/** KMS prints a principal that no longer exists by its unique id, and takes no policy with one. */
function hasOrphan(principal: unknown): boolean {
  if (typeof principal !== "object" || principal === null || !("AWS" in principal)) return false;
  return texts(principal.AWS).some((one) => one.startsWith("AROA"));
}

function judgeConvergence(key: KeyArn, world: World): void {
  if (!mayBeRepaired(key, world)) return;
  const { kms, bedrock, roles, watch } = world;
  const policy = kms.livePolicy(key);
  const needed = neededOn(key, bedrock.agents);
  for (const subject of needed) {
    if (subject.includes(":role/") && !subject.startsWith("memory:") && !roles.isVisible(subject)) continue;
    if (isAllowed(key, policy, subject)) continue;
    watch.broken("convergence", `${short(key)} does not allow what ${short(subject)} needs`);
    return;
  }
  const [stale] = givenBy(policy).difference(needed);
  if (stale !== undefined)
    watch.broken("convergence", `${short(key)} still names ${short(stale)}, which needs nothing`);
}

/**
 * People were told of it then or later, at once or in a digest; or it is among what was perhaps told, and is named in a digest.
 *
 * @param since - ISO 8601
 */
function isKnown({ ref }: FindingRecord, since: string, { watch, state }: World): boolean {
  const lines = watch.telling.alerts.flatMap(({ sections }) => sections.flatMap((one) => one.lines));
  return (
    watch.telling.alerts.some(({ at, findings }) => at >= since && findings.some(({ refs }) => refs.includes(ref))) ||
    [...state.telling.doubtful, ...lines.filter((line) => line.includes(DOUBT))].some((line) => line.includes(ref))
  );
}

/** Begins what a digest says of an alert that perhaps did not arrive: the channel. */
const DOUBT = "people: ";

function judgeTold(world: World): void {
  const { watch, state, kms } = world;
  const [waiting] = state.telling.pending();
  if (waiting) watch.broken("told", `alert ${waiting.alert.id} is left in the outbox`);
  const untold = state.telling.all().find(({ news }) => news.length > 0);
  if (untold) watch.broken("told", `of \`${untold.title}\` there is news that nobody decided about`);
  for (const { ref, sequence } of state.telling.all()) {
    const missing = Array.from({ length: sequence }, (_, i) => `${ref}-${i + 1}`).find(
      (id) => !watch.telling.events.has(id),
    );
    if (missing) watch.broken("events", `programs were not told of ${missing}`);
  }
  const open = state.allEntries().find((entry) => !DONE.has(entry.state));
  if (open) watch.broken("told", `journal entry ${open.id} is left \`${open.state}\``);
  for (const { entry, version } of watch.put.values()) {
    const records = state.telling.all().filter(({ occurrences }) => occurrences.includes(entry.id));
    if (records.some((record) => isKnown(record, entry.id.slice(0, 24), world))) continue;
    // Its answer, or the note of it, was lost, and somebody had overwritten it before anyone looked: KMS shows it to nobody.
    const now = state.entries.get(entry.key)?.find(({ id }) => id === entry.id)?.state;
    if (now === "abandoned" && kms.live(entry.key) !== version) watch.counts.unknowable++;
    else watch.broken("told", `the write ${entry.id} of ${short(entry.key)} was never told`);
  }
}

const DONE: ReadonlySet<JournalState> = new Set<JournalState>(["told", "abandoned", "refused"]);

function judgeLostUpdates({ watch, trail, kms }: World): void {
  for (const { key, version, text, restored } of watch.foreign.lost) {
    if (restored || trail.dropped.has(version.eventId)) continue;
    const isTold = watch.telling.alerts.some(({ findings }) =>
      findings.some(({ kind, evidence }) => kind === "update-overwritten" && evidence.includes(text)),
    );
    if (isTold) continue;
    // Whoever put it may have put it again before anyone was to be told.
    const theirs = foreignOf(kms.printed(version));
    const isBack = kms
      .key(key)
      .versions.some((later) => later.number > version.number && sameStatements(foreignOf(kms.printed(later)), theirs));
    if (isBack) continue;
    watch.broken("lost-update-told", `nobody was told that ${version.eventId} on ${short(key)} was overwritten`);
    return;
  }
}

function judgeFalseAlarms({ watch }: World): void {
  const alarm = watch.telling.alerts.find(({ findings }) =>
    findings.some(({ kind }) => kind === "own-write-unexplained"),
  );
  if (alarm) watch.broken("false-alarm", `an own write was called unexplained: ${alarm.headline}`);
}

function judgeDeadLetters({ watch, queues }: World): void {
  for (const queue of Object.values(queues)) {
    const [letter] = queue.deadLetters;
    if (letter !== undefined)
      watch.broken("dead-letters", `in the ${queue.options.name} queue: ${letter.slice(0, 200)}`);
  }
}
