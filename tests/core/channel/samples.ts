/**
 * An alert for each kind of finding and each kind of alert, as the workflows themselves tell them: what the goldens, the preview and
 * docs/alerts.md show.
 */
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import type { FindingEvent } from "../../../packages/core/src/alert/ports.ts";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import { FINDING_KINDS, type FindingKind } from "../../../packages/core/src/finding/finding.ts";
import type { Cause } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { checkSelf } from "../../../packages/core/src/self/check.ts";
import type { Trail, TrailsReading } from "../../../packages/core/src/self/ports.ts";
import { SCENES as OF_CALLERS, play as playCallers } from "../callers/scenes.ts";
import { MemoryAnnouncer, type Published } from "../support/announcer.ts";
import { SCENES as OF_KEYS } from "../support/scenes.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";

export interface Sample {
  /** The kind of finding, or what else it shows: the golden's name. */
  readonly name: string;
  readonly alert: Alert;
  /** What became of the finding, as programs are told. */
  readonly event: FindingEvent | undefined;
}

const DAY = 24 * 3_600_000;
const DENY = { ...ADMIN_STATEMENT, Sid: "NoServices", Effect: "Deny", Principal: { Service: "bedrock.amazonaws.com" } };

type People = Pick<World["people"], "published" | "emitted">;

/** The last alert about the kind, and the event of it. */
function lastOf(people: People, kind: FindingKind): Omit<Sample, "name"> {
  const alert = people.published.findLast(({ findings }) => findings.some((one) => one.kind === kind));
  if (!alert) throw new Error(`nobody was told of \`${kind}\``);
  return { alert: plain(alert), event: people.emitted.findLast(({ finding }) => finding.kind === kind) };
}

/** The worlds' clocks run on with each look at them: how often that was says nothing. */
function plain({ text: _text, diff: _diff, ...alert }: Published): Alert {
  return JSON.parse(JSON.stringify(alert).replaceAll(/(:\d\d)\.\d{3}Z/g, "$1.000Z")) as Alert;
}

async function ofKeys(): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const build of Object.values(OF_KEYS)) {
    const { tells, world, ports, job, settings } = await build();
    if (!tells || samples.some(({ name }) => name === tells)) continue;
    named(world.people);
    await reconcileKey(jobFor(job), ports ?? world, { ...SETTINGS, ...settings });
    samples.push({ name: tells, ...lastOf(world.people, tells) });
  }
  return samples;
}

async function ofCallers(): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const build of Object.values(OF_CALLERS)) {
    const scene = await build();
    if (samples.some(({ name }) => name === scene.tells)) continue;
    await playCallers(scene);
    samples.push({ name: scene.tells, ...lastOf(scene.world.people, scene.tells) });
  }
  return samples;
}

const TRAIL: Trail = {
  arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events",
  homeRegion: "eu-west-1",
  multiRegion: true,
  organization: false,
  logging: "yes",
  selectors: {
    kind: "basic",
    selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: ["kms.amazonaws.com"] }],
  },
};

async function ofItself(): Promise<readonly Sample[]> {
  const look = async (name: FindingKind, trails: TrailsReading, unconfirmed: readonly string[]): Promise<Sample> => {
    const people = new MemoryAnnouncer(new World().clock);
    const ports = {
      ...people,
      trails: { read: async () => trails },
      subscribers: { unconfirmed: async () => unconfirmed },
    };
    const at = "2026-11-23T06:00:00.000Z";
    await checkSelf([{ kind: "sweep", id: "sweep-1", at, whole: true }], "eu-west-1", ports);
    return { name, ...lastOf(people, name) };
  };
  const trails = (...all: readonly Trail[]) => ({ kind: "read", trails: all }) as const;
  return [
    await look("trail-not-logging", trails({ ...TRAIL, logging: "no" }), []),
    await look("trail-incomplete", trails(TRAIL), []),
    await look("email-unconfirmed", trails(), ["security@example.com"]),
  ];
}

function named(people: MemoryAnnouncer): void {
  people.aliases = ["alias/agents"];
}

/** What else an alert may be: over, back, again and again, many at once, reminders, digests. */
async function others(): Promise<readonly Sample[]> {
  return [
    await overAndBack("resolved"),
    await overAndBack("reopened"),
    await worsened(),
    await recurring(),
    await storm(),
    await daily("reminder"),
    await daily("digest"),
  ];
}

const [put] = jobFor().causes;
const BY_ANA = {
  causes: [
    {
      ...put,
      eventName: "PutKeyPolicy",
      actor: { arn: "arn:aws:iam::111122223333:role/team/Developer", sessionName: "ana", invokedBy: undefined },
    },
  ],
} as const;

async function overAndBack(name: "resolved" | "reopened"): Promise<Sample> {
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, DENY)).put(agent("AAAAAAAAAA"));
  named(world.people);
  world.paused = true;
  await reconcileKey(jobFor(), world, SETTINGS);
  for (const policy of [DEFAULT_POLICY, policyOf(ADMIN_STATEMENT, DENY)]) {
    world.pass(3_600_000);
    world.policies.set(KEY, policy);
    world.people.published.length = 0;
    await reconcileKey(jobFor(BY_ANA), world, SETTINGS);
    if (name === "resolved") break;
  }
  const alert = world.people.published.find(({ findings }) => findings.some(({ change }) => change === name));
  if (!alert) throw new Error(`nobody was told that it is ${name}`);
  return { name, alert: plain(alert), event: world.people.emitted.findLast(({ finding }) => finding.change === name) };
}

async function worsened(): Promise<Sample> {
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, DENY)).put(agent("AAAAAAAAAA"));
  named(world.people);
  await reconcileKey(jobFor(), world, SETTINGS);
  await reconcileKey(jobFor(), world.put(agent("BBBBBBBBBB")), SETTINGS);
  return { name: "worsened", ...lastOf(world.people, "blocked-by-deny") };
}

/** Terraform takes the guard's statements out each week. */
async function recurring(): Promise<Sample> {
  const world = new World().withKey(DEFAULT_POLICY).put(agent("AAAAAAAAAA"));
  named(world.people);
  await reconcileKey(jobFor(), world, SETTINGS);
  for (const _ of "123") {
    world.pass(7 * DAY);
    world.policies.set(KEY, DEFAULT_POLICY);
    await reconcileKey(jobFor(), world, SETTINGS);
  }
  return { name: "recurring", ...lastOf(world.people, "access-removed") };
}

/** One person disables many keys within a minute. */
async function storm(): Promise<Sample> {
  const world = new World();
  world.people.isPrompt = false;
  for (let n = 0; n < 12; n++) {
    const key = KEY.replace("11111111-", `${String(n).padStart(8, "0")}-`) as KeyArn;
    world.policies.set(key, DEFAULT_POLICY);
    world.kmsKeys.set(key, { ...disabled(), arn: key });
    world.put(agent(`AGENT000${String(n).padStart(2, "0")}`, { keyArn: key, name: `bot-${n}` }));
    await reconcileKey(
      jobFor({
        key,
        causes: [{ ...BY_ANA.causes[0], kind: "event", id: `event-${n}`, eventName: "DisableKey" } as Cause],
      }),
      world,
      SETTINGS,
    );
  }
  await world.people.run();
  const [alert] = world.people.published;
  if (!alert) throw new Error("nobody was told of the storm");
  return { name: "storm", alert: plain(alert), event: undefined };
}

function disabled() {
  return {
    arn: KEY,
    manager: "CUSTOMER",
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    state: "Disabled",
    origin: "AWS_KMS",
    deletionDate: undefined,
  } as const;
}

async function daily(name: "reminder" | "digest"): Promise<Sample> {
  const world = new World().withKey(DEFAULT_POLICY).put(agent("AAAAAAAAAA"));
  named(world.people);
  await reconcileKey(jobFor(), world, SETTINGS);
  for (const _ of "12") {
    world.pass(3_600_000);
    world.policies.set(KEY, DEFAULT_POLICY);
    await reconcileKey(jobFor(), world, SETTINGS);
  }
  world.kmsKeys.set(KEY, disabled());
  await reconcileKey(jobFor(BY_ANA), world, SETTINGS);
  world.pass(DAY - 2 * 3_600_000);
  await world.people.run(true);
  const alert = world.people.published.find(({ kind }) => kind === name);
  if (!alert) throw new Error(`there was no ${name}`);
  return { name, alert: plain(alert), event: undefined };
}

/** Each kind of finding, in the order of the kinds, and then what else there is. */
export async function allSamples(): Promise<readonly Sample[]> {
  const found = [...(await ofKeys()), ...(await ofCallers()), ...(await ofItself())];
  const byKind = FINDING_KINDS.map((kind) => {
    const sample = found.find(({ name }) => name === kind);
    if (!sample) throw new Error(`there is no sample of \`${kind}\``);
    return sample;
  });
  return [...byKind, ...(await others())];
}
