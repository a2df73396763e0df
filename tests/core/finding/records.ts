/** Findings and what becomes of them, made of few values so that they meet; and records as they come to be by looks. */
import fc from "fast-check";
import type { AgentId, CallerArn, KeyArn } from "../../../packages/core/src/arn.ts";
import { type FindingKind, SEVERITIES, type Severity } from "../../../packages/core/src/finding/finding.ts";
import { finding } from "../../../packages/core/src/finding/findings.ts";
import { type Happening, happen, type Observation, observe } from "../../../packages/core/src/finding/life.ts";
import type { FindingRecord } from "../../../packages/core/src/finding/record.ts";
import type { Cause } from "../../../packages/core/src/key/job.ts";
import { KEY } from "../support/world.ts";

export const START = Date.parse("2026-11-02T10:00:00.000Z");
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** @param ms - milliseconds since the beginning of the test's time */
export function iso(ms: number): string {
  return new Date(START + ms).toISOString();
}

export const A = "AAAAAAAAAA" as AgentId;
export const B = "BBBBBBBBBB" as AgentId;
export const C = "CCCCCCCCCC" as AgentId;
export const ALICE = "arn:aws:iam::111122223333:role/team/alice";
export const BOB = "arn:aws:iam::111122223333:role/team/bob";

export function eventBy(arn: string, at: string, id = `${arn} ${at}`): Cause {
  const actor = { arn, sessionName: "s1", invokedBy: undefined };
  return { kind: "event", id, eventName: "PutKeyPolicy", actor, at };
}

export interface Problem {
  readonly kind?: FindingKind;
  readonly severity?: Severity;
  readonly key?: KeyArn;
  readonly agents?: readonly AgentId[];
  readonly detail?: string;
  readonly which?: readonly string[];
  readonly caller?: CallerArn;
  readonly about?: readonly string[];
  readonly diff?: readonly string[];
  readonly snippets?: readonly string[];
}

export function problem({
  kind = "blocked-by-deny",
  severity = "high",
  key = KEY,
  agents = [A],
  detail = "Its agents fail.",
  ...parts
}: Problem = {}) {
  const title = `${kind}: agents fail`;
  return finding({ ...parts, kind, severity, key, agents, detail, title, remedy: ["Mend it."] });
}

export function lookAt(ms: number, problems: readonly Problem[], seen: Partial<Observation> = {}): Observation {
  return {
    subject: KEY,
    at: iso(ms),
    causes: [eventBy(ALICE, iso(ms))],
    findings: problems.map(problem),
    names: new Map(),
    isComplete: true,
    mendedBy: "others",
    ...seen,
  };
}

/** A world of records: what looks wrote. */
export class Records {
  readonly byId = new Map<string, FindingRecord>();

  get all(): readonly FindingRecord[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** @returns the records that changed */
  look(seen: Observation): readonly FindingRecord[] {
    const changed = observe(this.all, seen);
    for (const record of changed) this.byId.set(record.id, record);
    return changed;
  }

  happen(ms: number, one: Happening, seen: Partial<Observation> = {}): FindingRecord {
    const record = happen(this.byId.get(one.finding.id), one, { ...lookAt(ms, []), ...seen });
    this.byId.set(record.id, record);
    return record;
  }

  change(how: (record: FindingRecord) => FindingRecord): void {
    for (const record of this.all) this.byId.set(record.id, how(record));
  }

  only(): FindingRecord {
    const [record, ...others] = this.all;
    if (!record || others.length > 0) throw new Error(`${this.all.length} findings are known, not one`);
    return record;
  }
}

export const severity = fc.constantFrom(...SEVERITIES);

export const someProblem: fc.Arbitrary<Problem> = fc.record({
  kind: fc.constantFrom<FindingKind>("blocked-by-deny", "key-unusable", "addition-held-back"),
  severity,
  agents: fc.uniqueArray(fc.constantFrom(A, B, C), { minLength: 1 }),
  detail: fc.constantFrom("one detail", "another detail"),
});

export interface Step {
  /** Milliseconds since the step before. */
  readonly after: number;
  readonly problems: readonly Problem[];
  readonly isComplete: boolean;
  /** Whether people are told of all news then. */
  readonly isTold: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  after: fc.constantFrom(0, MINUTE, 2 * HOUR, 23 * HOUR, 3 * DAY),
  problems: fc.uniqueArray(someProblem, { selector: ({ kind }) => kind, maxLength: 3 }),
  isComplete: fc.boolean(),
  isTold: fc.boolean(),
});

/** Looks at one key, one after another. */
export const history = fc.array(step, { minLength: 1, maxLength: 12 });
