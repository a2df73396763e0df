/** A request as a person writes it: keys that are not named are absent. */
import { parseArn } from "@bedrock-key-guard/core/arn.ts";
import type { Json, JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import {
  ABSENT,
  type ContextValue,
  type Request,
  type RequestContext,
  type Requester,
  requesterOf,
  UNKNOWN,
  value as values,
} from "@bedrock-key-guard/core/policy/request.ts";
import { InputError } from "../input/input-error.ts";
import { nearest } from "../input/nearest.ts";
import { excerpt } from "../input/parse-json.ts";
import { joined, member, objectAt, textAt, wrong } from "../input/shape.ts";

const WANTED = '{"principal": …, "action": …, "resource": …, "context": { … }, "unknown": [ … ]}';
const MEMBERS = ["principal", "action", "resource", "context", "unknown", "absent"];

/**
 * @param path where the request stands in its document; empty where it is the document
 * @throws InputError naming the member
 */
export function readRequest(path: string, value: Json | undefined): Request {
  const request = objectAt(path, value, WANTED);
  const stray = Object.keys(request).find((name) => !MEMBERS.includes(name));
  if (stray !== undefined) throw strayMember(joined(path, stray), stray, MEMBERS);
  return {
    principal: principalAt(joined(path, "principal"), member(request, "principal")),
    action: actionAt(joined(path, "action"), member(request, "action")),
    resource: resourceAt(joined(path, "resource"), member(request, "resource")),
    context: contextOf(path, request),
  };
}

/** A misspelt member would be a question that nobody asked, answered. */
export function strayMember(path: string, name: string, known: readonly string[]): InputError {
  const meant = nearest(name, known);
  const way = meant === undefined ? `it takes ${known.join(", ")}` : `did you mean \`${meant}\`?`;
  return new InputError(`\`${excerpt(path)}\` is no member of it; ${way}`);
}

function principalAt(path: string, value: Json | undefined): Requester {
  const requester = typeof value === "string" ? requesterOf(value) : undefined;
  if (requester === undefined) {
    throw wrong(
      path,
      value,
      "the ARN of a role, user, session or root user, the name of a service, or `*` for anonymous",
    );
  }
  return requester;
}

function actionAt(path: string, value: Json | undefined): string {
  const action = textAt(path, value, "an action such as `kms:Decrypt`");
  // One call is one action: a pattern is what policies hold.
  if (!/^[a-z0-9-]+:[a-z0-9]+$/i.test(action)) throw wrong(path, value, "an action such as `kms:Decrypt`");
  return action;
}

function resourceAt(path: string, value: Json | undefined): string {
  const wanted = "the resource's ARN, or `*` for an action that has none";
  const resource = textAt(path, value, wanted);
  if (resource !== "*" && parseArn(resource) === undefined) throw wrong(path, value, wanted);
  return resource;
}

function contextOf(path: string, request: JsonObject): RequestContext {
  const keys = new Map<string, ContextValue>();
  const add = (at: string, name: string, state: ContextValue) => {
    const key = name.toLowerCase();
    if (key === "") throw new InputError(`\`${at}\` names no condition key; give one such as \`aws:SourceIp\``);
    if (keys.has(key)) {
      throw new InputError(
        `\`${at}\` says something of \`${excerpt(name)}\` once more (upper and lower case are the same); say it once`,
      );
    }
    keys.set(key, state);
  };
  const contextPath = joined(path, "context");
  const context = objectAt(contextPath, member(request, "context") ?? {}, "an object of condition keys");
  for (const [name, given] of Object.entries(context)) {
    const at = joined(contextPath, name);
    add(at, name, values(...valuesAt(at, given)));
  }
  const absentPath = joined(path, "absent");
  for (const name of namesAt(absentPath, member(request, "absent"))) add(absentPath, name, ABSENT);
  const unknownPath = joined(path, "unknown");
  const unknown = member(request, "unknown");
  if (unknown === "*") return { keys, others: "unknown" };
  for (const name of namesAt(unknownPath, unknown)) add(unknownPath, name, UNKNOWN);
  return { keys, others: "absent" };
}

function namesAt(path: string, given: Json | undefined): readonly string[] {
  if (given === undefined) return [];
  if (!Array.isArray(given))
    throw wrong(path, given, 'a list of condition keys (for `unknown` also "*", for all others)');
  return given.map((name, index) => textAt(`${path}[${index}]`, name, "the name of a condition key"));
}

/** IAM's own leniency: numbers and booleans are their text. */
function valuesAt(path: string, given: Json): readonly string[] {
  const list = Array.isArray(given) ? given : [given];
  return list.map((one: Json) => {
    if (typeof one !== "string" && typeof one !== "number" && typeof one !== "boolean") {
      throw wrong(path, given, "a text, a number, a boolean, or a list of them");
    }
    return String(one);
  });
}
