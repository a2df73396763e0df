/**
 * An alert for each kind of finding and each kind of alert, as the workflows themselves tell them: what the goldens, the preview and
 * docs/alerts.md show.
 */
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import { FINDING_KINDS, type FindingKind } from "../../../packages/core/src/finding/finding.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { SCENES as OF_CALLERS, play as playCallers } from "../callers/scenes.ts";
import type { MemoryAnnouncer } from "../support/announcer.ts";
import { SCENES as OF_KEYS } from "../support/scenes.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";
import { lastOf, plain, type Sample, timed } from "./sample.ts";
import { ofItself } from "./samples-of-itself.ts";

const DAY = 24 * 3_600_000;
const DENY = { ...ADMIN_STATEMENT, Sid: "NoServices", Effect: "Deny", Principal: { Service: "bedrock.amazonaws.com" } };

const CI_DID = eventIn(jobFor());
const ANA_DID = {
  ...CI_DID,
  actor: { arn: "arn:aws:iam::111122223333:role/team/Developer", sessionName: "ana", invokedBy: undefined },
};
const BY_ANA = { causes: [ANA_DID] } as const;

function eventIn({ causes: [cause] }: KeyJob) {
  if (cause.kind !== "event") throw new Error("a job of the tests is about an event");
  return cause;
}

/** What brings a finding about in life, where it is not a change of the policy. */
const EVENTS: Partial<Readonly<Record<FindingKind, string>>> = {
  "access-missing": "CreateAgent",
  "agent-lost-key": "UpdateAgent",
  "agent-swapped-key": "UpdateAgent",
  "agent-unreadable": "UpdateAgent",
  "key-of-another-account": "UpdateAgent",
  "key-unsuitable": "UpdateAgent",
  "key-unusable": "DisableKey",
  "role-unknown": "UpdateAgent",
};

async function ofKeys(): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const build of Object.values(OF_KEYS)) {
    const { tells, world, ports, job, settings } = await build();
    if (!tells || samples.some(({ name }) => name === tells)) continue;
    named(world.people);
    const event = { ...CI_DID, eventName: EVENTS[tells] ?? CI_DID.eventName };
    await reconcileKey(jobFor({ causes: [event], ...job }), ports ?? world, { ...SETTINGS, ...settings });
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

/** A Deny was put by CI; Ana puts what it should be, and later the Deny again. */
async function overAndBack(name: "resolved" | "reopened"): Promise<Sample> {
  const world = new World().withKey(DEFAULT_POLICY).put(agent("AAAAAAAAAA"));
  named(world.people);
  await reconcileKey(jobFor(), world, SETTINGS);
  const right = world.policies.get(KEY) ?? "";
  const { Statement: statements, ...document } = JSON.parse(right) as { Statement: readonly object[] };
  const denied = JSON.stringify({ ...document, Statement: [DENY, ...statements] });
  for (const [policy, job] of [
    [denied, {}],
    [right, BY_ANA],
    [denied, BY_ANA],
  ] as const) {
    world.pass(3_600_000);
    world.policies.set(KEY, policy);
    world.people.published.length = 0;
    await reconcileKey(jobFor(job), world, SETTINGS);
    if (world.people.published.some(({ findings }) => findings.some(({ change }) => change === name))) break;
  }
  const alert = world.people.published.find(({ findings }) => findings.some(({ change }) => change === name));
  if (!alert) throw new Error(`nobody was told that it is ${name}`);
  const event = world.people.emitted.findLast(({ finding }) => finding.change === name);
  return { name, alert: plain(alert), event: timed(event) };
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
  named(world.people);
  world.people.isPrompt = false;
  for (let n = 0; n < 12; n++) {
    const key = KEY.replace("11111111-", `${String(n).padStart(8, "0")}-`) as KeyArn;
    world.policies.set(key, DEFAULT_POLICY);
    world.kmsKeys.set(key, { ...disabled(), arn: key });
    world.put(agent(`AGENT000${String(n).padStart(2, "0")}`, { keyArn: key, name: `bot-${n}` }));
    await reconcileKey(
      jobFor({ key, causes: [{ ...ANA_DID, id: `event-${n}`, eventName: "DisableKey" }] }),
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
  await reconcileKey(jobFor({ causes: [{ ...ANA_DID, eventName: "DisableKey" }] }), world, SETTINGS);
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
