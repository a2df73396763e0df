/**
 * One scene for each thing that the guard tells people, with its variants: a world in which the next look at the key tells
 * it. What is told there is golden: tests/cases/told.
 */
import type { KeyArn, RoleArn } from "../../../packages/core/src/arn.ts";
import type { FindingKind } from "../../../packages/core/src/finding/finding.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import type { ReconcilePorts, ReconcileSettings } from "../../../packages/core/src/key/look.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { planRollback, rollBack } from "../../../packages/core/src/key/rollback.ts";
import type { ForeignWrite, Hold, Key } from "../../../packages/core/src/ports.ts";
import { recorded } from "./recorded.ts";
import {
  ACCOUNT,
  ADMIN_STATEMENT,
  agent,
  DEFAULT_POLICY,
  jobFor,
  KEY,
  OTHER_ROLE,
  policyOf,
  SETTINGS,
  World,
} from "./world.ts";

export interface Scene {
  /** What the message says that is told last; undefined for news of a write. */
  readonly tells: FindingKind | undefined;
  readonly world: World;
  readonly ports?: ReconcilePorts;
  readonly job?: Partial<KeyJob>;
  readonly settings?: Partial<ReconcileSettings>;
}

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const OTHER_KEY = KEY.replace("key/1111", "key/9999") as KeyArn;
const FOREIGN_KEY = KEY.replace(ACCOUNT, "999988887777") as KeyArn;
const FAR_KEY = KEY.replace("eu-west-1", "us-east-1") as KeyArn;
const MINUTE = 60_000;
const ANY = { ...ADMIN_STATEMENT, Sid: "Any", Principal: "*", Action: "kms:Decrypt" };
const TERRAFORM = { arn: `arn:aws:iam::${ACCOUNT}:role/terraform`, sessionName: "ci", invokedBy: undefined };
const LAST_ATTEMPT = { attempt: 8 };

const fresh = (policy = DEFAULT_POLICY, changes: Partial<Key> = {}) => new World().withKey(policy, changes).put(A);

/** A key that the guard repaired for these agents, minutes ago. */
async function repaired(...agents: readonly (typeof A)[]): Promise<World> {
  const world = new World().withKey(DEFAULT_POLICY).put(...(agents.length > 0 ? agents : [A]));
  await reconcileKey(jobFor(), world, SETTINGS);
  world.pass(2 * MINUTE);
  return world;
}

function gone(world: World, id: string): void {
  world.live.delete(id);
  world.known.delete(id);
}

/** B was given access and is gone since five minutes. */
async function outlived(): Promise<World> {
  const world = await repaired(A, B);
  gone(world, B.id);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.pass(5 * MINUTE);
  return world;
}

function edit(world: World, from: string, to: string): World {
  world.policies.set(KEY, (world.policies.get(KEY) ?? "").replace(from, to));
  return world;
}

function held(hold: Pick<Hold, "kind" | "by" | "reason">, world = fresh()): World {
  world.heldKeys.set(KEY, { ...hold, at: "2026-11-23T09:00:00.000Z" });
  return world;
}

function tagged(mode: string): World {
  const world = fresh();
  world.keyTags.set(SETTINGS.modeTag, mode);
  return world;
}

/** Its ports, but for one call that is denied. */
function denied(world: World, call: string): Pick<Scene, "world" | "ports"> {
  const refused = { kind: "denied", message: "no policy allows it" };
  return { world, ports: recorded(world, [], ({ name }) => (name === call ? refused : undefined)) };
}

function foreign(world: World, changes: Partial<ForeignWrite>): World {
  const policy = policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "Partner", Action: "kms:Decrypt" });
  const write = { eventId: "put-1", at: "2026-11-23T10:00:05Z", actor: TERRAFORM, byGuard: false, settled: false };
  world.foreign.push({ key: KEY, policy, ...write, ...changes });
  return world;
}

/** Somebody's policy was there for a moment, between the guard's reading and its put. */
async function overwrote(): Promise<World> {
  return foreign(await repaired(), {});
}

async function rolledBack(): Promise<World> {
  const world = await repaired();
  const plan = await planRollback(KEY, undefined, world);
  if (plan.kind !== "ready") throw new Error(plan.reason);
  await rollBack(plan, { arn: `arn:aws:iam::${ACCOUNT}:user/ana`, reason: "not wanted" }, world);
  return world;
}

async function contested(): Promise<World> {
  const world = await repaired();
  for (let i = 0; i < 2; i++) {
    world.policies.set(KEY, DEFAULT_POLICY);
    await reconcileKey(jobFor(), world, SETTINGS);
    world.pass(2 * MINUTE);
  }
  world.policies.set(KEY, DEFAULT_POLICY);
  return world;
}

const unseenWrite = async () => {
  const world = fresh();
  world.afterPut = () => world.policies.set(KEY, DEFAULT_POLICY);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.afterPut = () => {};
  world.pass(MINUTE);
  return world;
};

const withoutRoles = (world: World) => {
  world.iamRoles.clear();
  return world;
};

const budgets = (keyPerHour: number, accountPerHour: number) => ({ budgets: { keyPerHour, accountPerHour } });

/** By the name of its golden file. */
export const SCENES: Readonly<Record<string, () => Scene | Promise<Scene>>> = {
  repaired: () => ({ tells: "access-missing", world: fresh() }),
  "repaired-for-two-agents": () => ({ tells: "access-missing", world: fresh().put(B) }),
  "repaired-again": async () => {
    const world = fresh();
    await reconcileKey(jobFor(), world, SETTINGS);
    world.policies.set(KEY, DEFAULT_POLICY);
    world.pass(3_600_000);
    return { tells: "access-removed", world };
  },
  "repaired-by-taking-out": async () => ({ tells: "access-unneeded", world: await outlived() }),
  "repaired-and-overwritten": async () => ({
    tells: undefined,
    world: await unseenWrite(),
    settings: { mode: "observe" },
  }),
  "rolled-back": async () => ({ tells: "policy-rolled-back", world: await rolledBack() }),
  restored: async () => {
    const world = foreign(await overwrote(), {
      eventId: "older",
      at: "2026-11-23T09:00:00Z",
      policy: DEFAULT_POLICY,
      settled: true,
    });
    return { tells: "policy-restored", world, settings: { restoreLostUpdates: true } };
  },
  "update-overwritten": async () => ({ tells: "update-overwritten", world: await overwrote() }),
  "own-write-unexplained": async () => ({
    tells: "own-write-unexplained",
    world: foreign(await repaired(), { byGuard: true }),
  }),
  "broader-than-documented": async () => {
    const world = await repaired();
    const { Statement } = JSON.parse(world.policies.get(KEY) ?? "");
    world.policies.set(KEY, policyOf(...Statement, ANY));
    return { tells: "broader-than-documented", world };
  },
  "blocked-by-deny": () => ({
    tells: "blocked-by-deny",
    world: fresh(policyOf(ADMIN_STATEMENT, { ...ANY, Effect: "Deny" })),
  }),
  "depends-on-condition": () => {
    const Condition = { Bool: { "aws:MultiFactorAuthPresent": "false" } };
    return {
      tells: "depends-on-condition",
      world: fresh(policyOf(ADMIN_STATEMENT, { ...ANY, Effect: "Deny", Condition })),
    };
  },
  "key-admin-missing": () => {
    const Action = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"];
    return { tells: "key-admin-missing", world: fresh(policyOf({ ...ADMIN_STATEMENT, Action })) };
  },
  "key-of-another-account": () => ({
    tells: "key-of-another-account",
    world: new World().put({ ...A, keyArn: FOREIGN_KEY }),
    job: { key: FOREIGN_KEY },
  }),
  "key-not-found": () => ({ tells: "key-not-found", world: new World().put(A), job: { attempt: 1 } }),
  "key-unreadable": () => ({ tells: "key-unreadable", ...denied(fresh(), "keys.describe") }),
  "key-disabled": () => ({ tells: "key-unusable", world: fresh(DEFAULT_POLICY, { state: "Disabled" }) }),
  "key-pending-deletion": () => ({
    tells: "key-unusable",
    world: fresh(DEFAULT_POLICY, { state: "PendingDeletion", deletionDate: "2026-12-01T00:00:00Z" }),
  }),
  "key-pending-import": () => ({ tells: "key-unusable", world: fresh(DEFAULT_POLICY, { state: "PendingImport" }) }),
  "key-managed-by-aws": () => ({ tells: "key-unsuitable", world: fresh(DEFAULT_POLICY, { manager: "AWS" }) }),
  "key-asymmetric": () => ({ tells: "key-unsuitable", world: fresh(DEFAULT_POLICY, { spec: "RSA_2048" }) }),
  "key-of-another-region": () => ({
    tells: "key-unsuitable",
    world: new World().put({ ...A, keyArn: FAR_KEY }),
    job: { key: FAR_KEY },
  }),
  "policy-unreadable": () => {
    const world = fresh();
    world.policies.delete(KEY);
    return { tells: "policy-unreadable", world };
  },
  "policy-malformed": () => ({ tells: "policy-malformed", world: fresh('{"Statement":[{"Effect":"Maybe"}]}') }),
  "policy-full": () => ({
    tells: "policy-full",
    world: fresh(policyOf({ ...ADMIN_STATEMENT, Sid: "x".repeat(32_300) })),
  }),
  "orphaned-principal": () => ({
    tells: "orphaned-principal",
    world: fresh(
      policyOf(ADMIN_STATEMENT, { ...ANY, Principal: { AWS: ["AROAEXAMPLEORPHAN0001", "AIDAEXAMPLEORPHAN0002"] } }),
    ),
  }),
  "role-not-in-iam": () => ({ tells: "role-unknown", world: withoutRoles(fresh()), job: LAST_ATTEMPT }),
  "role-of-another-account": () => {
    const roleArn = OTHER_ROLE.replace(ACCOUNT, "999988887777") as RoleArn;
    return { tells: "role-unknown", world: new World().withKey(DEFAULT_POLICY).put({ ...A, roleArn }) };
  },
  "role-not-told": () => ({
    tells: "role-unknown",
    world: new World().withKey(DEFAULT_POLICY).put({ ...A, roleArn: undefined }),
  }),
  "role-refused-by-iam": () => ({ tells: "role-unknown", ...denied(fresh(), "roles.lookUp") }),
  "own-statement-edited": async () => ({
    tells: "own-statement-edited",
    world: edit(await repaired(), '"kms:ListGrants"', '"kms:List*"'),
  }),
  "own-statement-edited-and-in-the-way": async () => ({
    tells: "own-statement-edited",
    world: edit(await repaired(), '"kms:ListGrants"', '"kms:List*"').put(B),
  }),
  "no-safe-patch": async () => {
    const world = await repaired();
    const { Statement } = JSON.parse(world.policies.get(KEY) ?? "");
    world.policies.set(KEY, policyOf(Statement[1]));
    gone(world, A.id);
    await reconcileKey(jobFor(), world, SETTINGS);
    world.pass(5 * MINUTE);
    return { tells: "no-safe-patch", world };
  },
  "write-refused": () => {
    const world = fresh();
    world.refuseNextPut = { code: "AccessDeniedException", message: "the guard is not authorized" };
    return { tells: "write-refused", world };
  },
  "policy-in-flux": () => {
    const world = fresh();
    world.throttled = true;
    return { tells: "policy-in-flux", world, job: LAST_ATTEMPT };
  },
  "agent-unreadable": async () => {
    const world = await repaired();
    world.deniedAgents.add(A.id);
    return { tells: "agent-unreadable", world, job: { agents: [A.id] } };
  },
  "agent-lost-key": async () => {
    const world = await repaired();
    world.live.set(A.id, { ...A, keyArn: undefined });
    return { tells: "agent-lost-key", world, job: { agents: [A.id] } };
  },
  "agent-swapped-key": async () => {
    const world = await repaired();
    world.live.set(A.id, { ...A, keyArn: OTHER_KEY });
    return { tells: "agent-swapped-key", world, job: { agents: [A.id] } };
  },
  "held-back-by-mode": () => ({ tells: "addition-held-back", world: fresh(), settings: { mode: "propose" } }),
  "held-back-by-tag": () => ({ tells: "addition-held-back", world: tagged("observe") }),
  "held-back-by-a-tag-that-is-no-mode": () => ({ tells: "addition-held-back", world: tagged("nonsense") }),
  "held-back-by-unreadable-tags": () => ({ tells: "addition-held-back", ...denied(fresh(), "keys.tags") }),
  "held-back-by-opt-in": () => ({
    tells: "addition-held-back",
    world: fresh(),
    settings: { optIn: { key: "guarded", value: "yes" } },
  }),
  "held-back-by-kill-switch": () => {
    const world = fresh();
    world.paused = true;
    return { tells: "addition-held-back", world };
  },
  "taking-out-held-back": async () => ({
    tells: "addition-held-back",
    world: await outlived(),
    settings: { mode: "propose" },
  }),
  "write-budget-of-key-spent": () => ({ tells: "write-budget-spent", world: fresh(), settings: budgets(0, 100) }),
  "write-budget-of-account-spent": () => ({ tells: "write-budget-spent", world: fresh(), settings: budgets(20, 0) }),
  "key-on-hold": async () => ({
    tells: "key-on-hold",
    world: held({ kind: "person", by: "ana", reason: "key ceremony" }, await repaired()),
  }),
  "key-on-hold-and-lacking": () => ({
    tells: "addition-held-back",
    world: held({ kind: "person", by: "ana", reason: "key ceremony" }),
  }),
  contested: async () => ({ tells: "contested", world: await contested() }),
  "two-problems": () => {
    const policy = policyOf(ADMIN_STATEMENT, { ...ANY, Principal: { AWS: "AROAEXAMPLEORPHAN0001" } });
    const world = withoutRoles(new World().withKey(policy).put(A, B));
    return { tells: "orphaned-principal", world, job: LAST_ATTEMPT };
  },
};
