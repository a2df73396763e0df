/** The guard looks after itself: whether it hears of changes, and whether people hear of it. Once a sweep. */
import type { Finding, FindingKind } from "../finding/finding.ts";
import { type NotePorts, noteFindings } from "../finding/note.ts";
import type { Causes } from "../finding/record.ts";
import { plain } from "../finding/render.ts";
import type { Clock, FindingLog, Log } from "../ports.ts";
import { OF_SUBSCRIBERS, OF_TRAILS, trailFindings, unconfirmedEmail } from "./findings.ts";
import type { Subscribers, Trails } from "./ports.ts";
import { judgeTrails, SOURCES, type Source } from "./trails.ts";

export interface SelfPorts extends NotePorts {
  readonly trails: Trails;
  readonly subscribers: Subscribers;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SelfChecked {
  /** Whether it could look at everything; what it could not, and why, is in the log. */
  readonly couldLook: boolean;
  /** Whether it is known what the trails record. From a member account an organization's trail can't always be read. */
  readonly trailsAreKnown: boolean;
}

/**
 * What can't be looked at, or not known, keeps the findings that it had: nothing new is told, and nothing is over.
 *
 * @param region - the guard's
 * @param sources - whose events the deployment waits for
 * @throws when the findings can't be stored
 */
export async function checkSelf(
  causes: Causes,
  region: string,
  ports: SelfPorts,
  sources: readonly Source[] = SOURCES,
): Promise<SelfChecked> {
  const trails = await orFailed("whether CloudTrail tells of changes", ports, () =>
    lookAtTrails(region, sources, ports),
  );
  const subscribers = await orFailed("who has confirmed", ports, () => lookAtSubscribers(region, ports));
  const looks = [trails, subscribers];
  const seen = looks.filter((look) => look.kind === "seen");
  if (seen.length > 0) {
    const kinds = seen.flatMap((look) => look.kinds);
    const findings = seen.flatMap((look) => look.findings);
    const at = ports.clock.now();
    const observation = { subject: "guard", at, causes, findings, names: new Map(), mendedBy: "others" } as const;
    await noteFindings({ ...observation, isComplete: true }, { ...ports, findings: only(kinds, ports.findings) });
  }
  return {
    couldLook: looks.every(({ kind }) => kind !== "failed"),
    trailsAreKnown: trails.kind === "seen",
  };
}

type Look =
  /** All findings of these kinds that there are. */
  | { readonly kind: "seen"; readonly kinds: readonly FindingKind[]; readonly findings: readonly Finding[] }
  | { readonly kind: "not-known" }
  | { readonly kind: "failed" };

/** One part that fails does not keep the guard from the others. */
async function orFailed(what: string, { log }: SelfPorts, look: () => Promise<Look>): Promise<Look> {
  try {
    return await look();
  } catch (error) {
    log.warn("the guard could not look at itself", { what, error });
    return { kind: "failed" };
  }
}

async function lookAtTrails(region: string, sources: readonly Source[], { trails, log }: SelfPorts): Promise<Look> {
  const read = await trails.read();
  if (read.kind === "denied") {
    log.warn("the guard could not look at itself", { what: "the trails", reason: plain(read.message) });
    return { kind: "failed" };
  }
  const verdict = judgeTrails(read.trails, region, sources);
  if (verdict.kind === "unknown") {
    log.warn("whether CloudTrail tells of all changes is not known", { reason: plain(verdict.reason) });
    return { kind: "not-known" };
  }
  return { kind: "seen", kinds: OF_TRAILS, findings: trailFindings(verdict, region) };
}

async function lookAtSubscribers(region: string, { subscribers }: SelfPorts): Promise<Look> {
  const unconfirmed = await subscribers.unconfirmed();
  return {
    kind: "seen",
    kinds: OF_SUBSCRIBERS,
    findings: unconfirmed.map((address) => unconfirmedEmail(address, region)),
  };
}

/** The log as far as these kinds go: of the others this look says nothing. */
function only(kinds: readonly FindingKind[], log: FindingLog): FindingLog {
  return { ...log, of: async (subject) => (await log.of(subject)).filter(({ kind }) => kinds.includes(kind)) };
}
