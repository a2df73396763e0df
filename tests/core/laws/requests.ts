/** Arbitrary requests of the universe, with contexts that are wholly or partly known. */
import fc from "fast-check";
import {
  ABSENT,
  type ContextValue,
  oneOf,
  type Request,
  type Requester,
  UNKNOWN,
  value,
} from "../../../packages/core/src/policy/request.ts";
import { OPEN_KEYS } from "./condition-keys.ts";
import { ACCOUNT, ACTIONS, BEDROCK, FOREIGN_ROLE, KEY, OTHER_ACCOUNT, ROLES, SESSIONS, USER } from "./universe.ts";

const role = (arn: string): Requester => ({ kind: "role", arn, account: ACCOUNT });

/** Who may ask of a key policy by itself. */
export const anyRequester: fc.Arbitrary<Requester> = fc.constantFrom<Requester>(
  { kind: "service", name: BEDROCK },
  { kind: "service", name: BEDROCK },
  { kind: "service", name: "lambda.amazonaws.com" },
  ...ROLES.map(role),
  { kind: "user", arn: USER, account: ACCOUNT },
  { kind: "root", partition: "aws", account: ACCOUNT },
);

/** Beside them: one session of a role, and a role of another account. */
export const anyRequesterAnywhere: fc.Arbitrary<Requester> = fc.oneof(
  { arbitrary: anyRequester, weight: 6 },
  fc.constantFrom<Requester>(...SESSIONS.map(session), { kind: "role", arn: FOREIGN_ROLE, account: OTHER_ACCOUNT }),
);

function session(arn: string): Requester {
  const [, roleName = "", sessionName = ""] = arn.split("/");
  return { kind: "session", arn, account: ACCOUNT, roleName, sessionName };
}

/** The role that a session belongs to, with its path. */
export function roleOfSession(arn: string): string {
  const role = ROLES.find((one) => one.endsWith(`/${arn.split("/")[1]}`));
  if (!role) throw new Error(`the universe has no role for the session \`${arn}\``);
  return role;
}

/** The condition keys that follow from who calls. */
export function principalKeys(requester: Requester): readonly (readonly [string, ContextValue])[] {
  switch (requester.kind) {
    case "service":
      return [
        ["aws:principalisawsservice", value("true")],
        ["aws:principalservicename", value(requester.name)],
        ["aws:principalarn", ABSENT],
        ["aws:principalaccount", ABSENT],
      ];
    case "anonymous":
      return [["aws:principalarn", ABSENT]];
    case "role":
    case "session":
    case "user":
    case "root":
    case "federated":
      return [
        ["aws:principalisawsservice", value("false")],
        ["aws:principalarn", value(principalArn(requester))],
        ["aws:principalaccount", value(requester.account)],
        ["aws:username", requester.kind === "user" ? value(requester.arn.split("/").at(-1) ?? "") : ABSENT],
      ];
    default:
      return requester satisfies never;
  }
}

function principalArn(requester: Exclude<Requester, { kind: "service" | "anonymous" }>): string {
  if (requester.kind === "root") return `arn:${requester.partition}:iam::${requester.account}:root`;
  return requester.kind === "session" ? roleOfSession(requester.arn) : requester.arn;
}

type Values = readonly (readonly string[])[];

const settled = (values: Values): fc.Arbitrary<ContextValue> =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...values).map((texts) => value(...texts)), weight: 5 },
    { arbitrary: fc.constant(ABSENT), weight: 2 },
  );

const partly = (values: Values): fc.Arbitrary<ContextValue> =>
  fc.oneof(
    { arbitrary: settled(values), weight: 5 },
    { arbitrary: fc.constant(UNKNOWN), weight: 3 },
    { arbitrary: fc.tuple(settled(values), settled(values)).map(([a, b]) => oneOf(a, b)), weight: 2 },
  );

export function requestArb(
  requester: fc.Arbitrary<Requester>,
  state: (values: Values) => fc.Arbitrary<ContextValue>,
): fc.Arbitrary<Request> {
  const context = fc.tuple(...[...OPEN_KEYS].map(([key, values]) => state(values).map((v) => [key, v] as const)));
  return fc.tuple(requester, fc.constantFrom(...ACTIONS), context).map(([principal, action, keys]) => ({
    principal,
    action,
    resource: KEY,
    context: { keys: new Map([...keys, ...principalKeys(principal)]), others: "absent" },
  }));
}

/** Every key is known or absent: no question is open. */
export const knownRequest = requestArb(anyRequester, settled);
export const knownRequestAnywhere = requestArb(anyRequesterAnywhere, settled);

/** A request of which some keys are unknown, or known to be one of a few. */
export const partlyKnownRequest = requestArb(anyRequester, partly);
export const partlyKnownRequestAnywhere = requestArb(anyRequesterAnywhere, partly);

/** A partly known request, and one of the wholly known requests that it may turn out to be. */
export interface Filling {
  readonly partly: Request;
  readonly filled: Request;
}

function fillingArb(request: fc.Arbitrary<Request>): fc.Arbitrary<Filling> {
  return fc
    .tuple(request, fc.array(fc.nat(1000), { minLength: OPEN_KEYS.size, maxLength: OPEN_KEYS.size }), fc.nat(3))
    .map(([request, picks, hide]) => {
      const open = hide === 0 ? withoutPrincipalKeys(request) : request;
      const keys = new Map(open.context.keys);
      for (const [i, name] of [...OPEN_KEYS.keys()].entries()) {
        const possible = possibleValues(name, keys.get(name) ?? ABSENT);
        keys.set(name, possible[(picks[i] ?? 0) % possible.length] ?? ABSENT);
      }
      for (const [name, content] of principalKeys(open.principal)) keys.set(name, content);
      return { partly: open, filled: { ...open, context: { ...open.context, keys } } };
    });
}

/** Nobody has to tell what follows from who calls. */
function withoutPrincipalKeys(request: Request): Request {
  const hidden = principalKeys(request.principal).map(([name]) => [name, UNKNOWN] as const);
  return { ...request, context: { ...request.context, keys: new Map([...request.context.keys, ...hidden]) } };
}

export const requestAndFilling = fillingArb(partlyKnownRequest);
export const fillingAnywhere = fillingArb(partlyKnownRequestAnywhere);

/** What a key may turn out to hold: its only content where it is known, else all that can matter, or nothing. */
export function possibleValues(name: string, content: ContextValue): readonly ContextValue[] {
  if (content.kind === "oneOf") return content.values;
  if (content.kind !== "unknown") return [content];
  return [ABSENT, ...(OPEN_KEYS.get(name) ?? []).map((texts) => value(...texts))];
}
