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
import { BOOL_KEYS, CONDITION_KEYS } from "./policies.ts";
import { ACCOUNT, ACTIONS, BEDROCK, KEY, ROLES, USER } from "./universe.ts";

const role = (arn: string): Requester => ({ kind: "role", arn, account: ACCOUNT });

export const anyRequester: fc.Arbitrary<Requester> = fc.constantFrom<Requester>(
  { kind: "service", name: BEDROCK },
  { kind: "service", name: BEDROCK },
  { kind: "service", name: "lambda.amazonaws.com" },
  ...ROLES.map(role),
  { kind: "user", arn: USER, account: ACCOUNT },
  { kind: "root", partition: "aws", account: ACCOUNT },
);

/** The condition keys that follow from who calls. */
export function principalKeys(requester: Requester): readonly (readonly [string, ContextValue])[] {
  if (requester.kind === "service") {
    return [
      ["aws:principalisawsservice", value("true")],
      ["aws:principalarn", ABSENT],
    ];
  }
  const arn = requester.kind === "root" ? `arn:aws:iam::${requester.account}:root` : requester.arn;
  return [
    ["aws:principalisawsservice", value("false")],
    ["aws:principalarn", value(arn)],
  ];
}

const POSSIBLE: readonly (readonly [string, readonly string[]])[] = [
  ...Object.entries(CONDITION_KEYS).map(([key, { request }]) => [key, request] as const),
  ...BOOL_KEYS.map((key) => [key, ["true", "false"]] as const),
];

const settled = (values: readonly string[]): fc.Arbitrary<ContextValue> =>
  values.length === 0
    ? fc.constant(ABSENT)
    : fc.oneof(
        { arbitrary: fc.constantFrom(...values).map((text) => value(text)), weight: 5 },
        { arbitrary: fc.constant(ABSENT), weight: 2 },
      );

function requestArb(state: (values: readonly string[]) => fc.Arbitrary<ContextValue>): fc.Arbitrary<Request> {
  const context = fc.tuple(
    ...POSSIBLE.map(([key, values]) => state(values).map((v) => [key.toLowerCase(), v] as const)),
  );
  return fc.tuple(anyRequester, fc.constantFrom(...ACTIONS), context).map(([principal, action, keys]) => ({
    principal,
    action,
    resource: KEY,
    context: { keys: new Map([...keys, ...principalKeys(principal)]), others: "absent" },
  }));
}

/** Every key is known or absent: no question is open. */
export const knownRequest = requestArb(settled);

/** A request of which some keys are unknown, or known to be one of a few. */
export const partlyKnownRequest = requestArb((values) =>
  fc.oneof(
    { arbitrary: settled(values), weight: 5 },
    { arbitrary: fc.constant(UNKNOWN), weight: 3 },
    { arbitrary: fc.tuple(settled(values), settled(values)).map(([a, b]) => oneOf(a, b)), weight: 2 },
  ),
);

/** A partly known request, and one of the wholly known requests that it may turn out to be. */
export const requestAndFilling: fc.Arbitrary<{ readonly partly: Request; readonly filled: Request }> = fc
  .tuple(partlyKnownRequest, fc.array(fc.nat(1000), { minLength: POSSIBLE.length, maxLength: POSSIBLE.length }))
  .map(([partly, picks]) => {
    const keys = new Map(partly.context.keys);
    for (const [i, [key, values]] of POSSIBLE.entries()) {
      const name = key.toLowerCase();
      keys.set(name, fill(keys.get(name) ?? ABSENT, values, picks[i] ?? 0));
    }
    return { partly, filled: { ...partly, context: { ...partly.context, keys } } };
  });

function fill(content: ContextValue, values: readonly string[], pick: number): ContextValue {
  if (content.kind === "oneOf") return content.values[pick % content.values.length] ?? ABSENT;
  if (content.kind !== "unknown") return content;
  const text = values[pick % (values.length + 1)];
  return text === undefined ? ABSENT : value(text);
}
