/**
 * One scene for each thing that people are told of callers, with its variants: a world in which the next review tells it.
 * What is told there is golden: tests/cases/told-callers.
 */
import type { CallersJob } from "../../../packages/core/src/callers/job.ts";
import {
  type CallersOutcome,
  type CallersSettings,
  reconcileCallers,
} from "../../../packages/core/src/callers/reconcile.ts";
import { planCallerRollback, rollBackCaller } from "../../../packages/core/src/callers/rollback.ts";
import type { FindingKind } from "../../../packages/core/src/finding/finding.ts";
import { DELEGATES, KEY, OTHER_KEY, type RoleIn } from "./account.ts";
import { agent, arn, HOUR, INVOKES, jobFor, LACKING, MINUTE, OWN, SETTINGS, World } from "./world.ts";

export interface Scene {
  /** What the message says that is told last; undefined for news of a write. */
  readonly tells: FindingKind;
  readonly world: World;
  readonly job?: Partial<CallersJob>;
  readonly settings?: Partial<CallersSettings>;
}

/** The review of a scene. */
export function play({ world, job, settings }: Scene): Promise<CallersOutcome> {
  world.pass(11 * MINUTE);
  return reconcileCallers(jobFor({ iamSince: world.clock.now(), ...job }), world, { ...SETTINGS, ...settings });
}

const A = agent("AGENT00001", { name: "support" });
const B = agent("AGENT00002", { name: "orders" });
const APP = arn("app");
const PROPOSE = { mode: "propose" } as const;
const MFA = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
const SET = "AWSReservedSSO_Developers_0123456789abcdef";
const SWEEP: Partial<CallersJob> = {
  causes: [{ kind: "sweep", id: "sweep-1", at: "2026-11-23T10:00:00.000Z", whole: true }],
};

const one = (role: RoleIn = LACKING, ...agents: readonly (typeof A)[]) =>
  new World().with(role).put(...(agents.length > 0 ? agents : [A]));
const tagged = (value: string): RoleIn => ({ ...LACKING, tags: { "bedrock-key-guard": value } });

/** A caller that was given access to both agents, an hour ago. */
async function given(): Promise<World> {
  const it = one(LACKING, A, B);
  await it.review();
  it.pass(HOUR);
  return it;
}

async function contested(): Promise<World> {
  const it = one();
  for (const _ of "123") {
    await it.review();
    it.setOwn(APP, undefined);
  }
  return it;
}

const SIMPLE: Readonly<Record<string, () => Scene>> = {
  proposed: () => ({ tells: "caller-lacks-access", world: one(), settings: PROPOSE }),
  "proposed-for-a-user-on-two-keys": () => {
    const world = new World()
      .withUser({ name: "bot", inline: INVOKES })
      .put(A, agent(B.id, { name: B.name, key: OTHER_KEY }));
    world.policies.set(OTHER_KEY, DELEGATES);
    return { tells: "caller-lacks-access", world, settings: PROPOSE, job: SWEEP };
  },
  "proposed-for-many": () => {
    const roles = Array.from({ length: 7 }, (_, i) => ({ ...LACKING, name: `app-${i}` }));
    return { tells: "caller-lacks-access", world: new World().with(...roles).put(A), settings: PROPOSE };
  },
  "perhaps-lacking": () => {
    const invoke = INVOKES.invoke.map((statement) => ({ ...statement, Condition: MFA }));
    return { tells: "caller-lacks-access", world: one({ name: "app", inline: { invoke } }) };
  },
  "held-by-tag": () => ({ tells: "caller-lacks-access", world: one(tagged("observe")) }),
  "held-by-opt-in": () => ({
    tells: "caller-lacks-access",
    world: one(),
    settings: { optIn: { key: "bedrock-key-guard-opt-in", value: "yes" } },
  }),
  "held-by-key-tag": () => {
    const world = one();
    world.keyTags.set(KEY, { kind: "found", tags: new Map([["bedrock-key-guard", "propose"]]) });
    return { tells: "caller-lacks-access", world };
  },
  "held-by-kill-switch": () => {
    const world = one();
    world.paused = true;
    return { tells: "caller-lacks-access", world };
  },
  "held-by-person": () => {
    const world = one();
    world.hold(APP, "person");
    return { tells: "caller-lacks-access", world };
  },
  "budget-spent": () => ({ tells: "caller-lacks-access", world: one(), settings: { writesPerHour: 0 } }),
  "permission-set": () => ({
    tells: "caller-lacks-access",
    world: one({ ...LACKING, name: SET, path: "/aws-reserved/sso.amazonaws.com/eu-west-1/" }),
  }),
  "service-linked": () => ({
    tells: "caller-lacks-access",
    world: one({ ...LACKING, path: "/aws-service-role/lex.amazonaws.com/" }),
  }),
  "own-policy-edited": () => ({
    tells: "caller-lacks-access",
    world: one({ ...LACKING, inline: { ...INVOKES, [OWN]: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] } }),
  }),
  "denied-by-statement": () => {
    const deny = [{ Sid: "NoKms", Effect: "Deny", Action: "kms:*", Resource: "*" }];
    return { tells: "caller-denied", world: one({ ...LACKING, inline: { ...INVOKES, deny } }) };
  },
  "denied-by-boundary": () => {
    const world = one({ ...LACKING, boundary: "Boundary" });
    world.managed = { Boundary: [{ Effect: "Allow", Action: "bedrock:*", Resource: "*" }] };
    return { tells: "caller-denied", world };
  },
  "depends-on-condition": () => {
    const use = [{ Effect: "Allow", Action: "kms:*", Resource: "*", Condition: MFA }];
    return { tells: "caller-depends", world: one({ ...LACKING, inline: { ...INVOKES, use } }) };
  },
  "depends-on-broken-document": () => ({
    tells: "caller-depends",
    world: one({ ...LACKING, inline: { ...INVOKES, broken: "{" } }),
  }),
  "stopped-by-key-policy": () => {
    const world = one();
    world.policies.set(KEY, []);
    return { tells: "caller-stopped", world };
  },
  "policy-full": () => {
    const agents = Array.from({ length: 30 }, (_, i) => agent(`AGENT001${String(i).padStart(2, "0")}`));
    const world = new World().withUser({ name: "bot", inline: INVOKES }).put(...agents);
    return { tells: "caller-policy-full", world };
  },
  "write-refused": () => {
    const world = one();
    const message =
      "User: arn:aws:sts::111122223333:assumed-role/callers/x is not authorized to perform: iam:PutRolePolicy on resource: role app with an explicit deny in a service control policy";
    world.refusal = () => ({ kind: "refused", code: "AccessDenied", message });
    return { tells: "caller-write-refused", world };
  },
  "caller-gone": () => {
    const world = one();
    world.refusal = () => ({ kind: "gone" });
    return { tells: "caller-write-refused", world };
  },
  "account-unreadable": () => {
    const world = one();
    world.accountDenied = "not authorized to perform: iam:GetAccountAuthorizationDetails with an explicit deny";
    return { tells: "callers-unreadable", world };
  },
  given: () => ({ tells: "caller-access-changed", world: one(LACKING, A, B) }),
  "given-to-two": () => ({
    tells: "caller-access-changed",
    world: one().with({ ...LACKING, name: "web" }),
    job: SWEEP,
  }),
};

export const SCENES: Readonly<Record<string, () => Scene | Promise<Scene>>> = {
  ...SIMPLE,
  changed: async () => {
    const world = await given();
    world.drop(B.id).put(agent("AGENT00003", { name: "returns" }));
    return { tells: "caller-access-changed", world };
  },
  "given-again": async () => {
    const world = await given();
    world.setOwn(APP, undefined);
    return { tells: "caller-access-removed", world };
  },
  "taken-away": async () => {
    const world = await given();
    world.drop(A.id, B.id);
    return { tells: "caller-access-changed", world };
  },
  unneeded: async () => {
    const world = await given();
    world.drop(B.id);
    return { tells: "caller-access-unneeded", world, settings: PROPOSE };
  },
  "lacking-and-unneeded": async () => {
    const world = await given();
    world.drop(B.id).put(agent("AGENT00003", { name: "returns" }));
    return { tells: "caller-access-unneeded", world, settings: PROPOSE };
  },
  "unneeded-policy": async () => {
    const world = await given();
    world.policies.set(OTHER_KEY, []);
    world.change(APP, { inline: { [OWN]: world.own(APP) ?? [] } });
    return { tells: "caller-access-unneeded", world, settings: PROPOSE };
  },
  "rolled-back": async () => {
    const world = await given();
    const history = { newest: async () => world.entries };
    const plan = await planCallerRollback(APP, undefined, { ...world, history });
    if (plan.kind !== "ready") throw new Error(plan.reason);
    await rollBackCaller(plan, { arn: arn("ana", "user"), reason: "not wanted" }, world);
    return { tells: "caller-lacks-access", world };
  },
  contested: async () => ({ tells: "caller-contested", world: await contested() }),
};
