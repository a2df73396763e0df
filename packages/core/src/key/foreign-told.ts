import { whatBecameOfForeignWrites } from "./foreign.ts";
import { mayBeStale } from "./last-put.ts";
import type { Look } from "./look.ts";
import * as writing from "./problems-of-writing.ts";
import { tellOnce } from "./tell.ts";

const UNCERTAIN = { reason: "what became of somebody's policy is not certain yet", unseen: false, seconds: 60 };

/** Tells of what others put and the guard overwrote, or of what its role put without a journal entry; once. */
export async function settleForeignWrites(look: Look, live: string, mayWrite: boolean): Promise<Look> {
  if (look.foreignIsSettled) return look;
  const { job, agents, latest, ports, settings } = look;
  const report = await whatBecameOfForeignWrites(job, live, ports);
  const restoring = settings.restoreLostUpdates && mayWrite ? report.restorable : undefined;
  const history = ports.commands.history(job.key);
  const told = report.overwritten.filter((write) => write !== restoring);
  const findings = [
    ...report.unexplained.map((write) => writing.unexplainedWrite(write, history)),
    ...told.map((write) => writing.overwritten(write, history)),
  ];
  await tellOnce(job, agents, findings, ports);
  // After telling: a crash between the two tells twice rather than never.
  for (const write of [...report.unexplained, ...told, ...report.harmless]) await ports.foreignWrites.settle(write);
  // What a put took out is still there in a reading that does not show it.
  const isStale = report.known !== undefined && mayBeStale(live, latest, report.known, ports.clock.now());
  const waits = [
    ...(report.undecided.length > 0 ? [UNCERTAIN] : []),
    ...(isStale ? [{ ...UNCERTAIN, reason: "KMS does not show the last policy that was put yet", unseen: true }] : []),
  ];
  return {
    ...look,
    foreignIsSettled: true,
    foreign: report.known,
    restoring,
    waiting: look.patient ? [...look.waiting, ...waits] : look.waiting,
  };
}

/** Tells of the overwritten policy that was to be put back, and is not. */
export async function tellNotRestored({ job, agents, restoring, ports }: Look): Promise<void> {
  if (!restoring) return;
  await tellOnce(job, agents, [writing.overwritten(restoring, ports.commands.history(job.key))], ports);
  await ports.foreignWrites.settle(restoring);
}
