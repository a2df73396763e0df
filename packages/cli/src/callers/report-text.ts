/** Callers, for a person at a terminal; not made harmless yet. */
import { OWN_POLICY } from "@bedrock-key-guard/core/callers/own-policy.ts";
import type { CallerJudgement, Need } from "@bedrock-key-guard/core/callers/plan.ts";
import type { CallerReview } from "@bedrock-key-guard/core/callers/review.ts";
import { callerSnippets, deleteCommand, putCommand } from "@bedrock-key-guard/core/callers/snippets.ts";
import { hindranceOf, identityName, invocationInWords, reasonOf } from "@bedrock-key-guard/core/callers/words.ts";
import type { JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import { wrap } from "../output/wrap.ts";
import { type FoundCallers, isShort } from "./found.ts";

/** @param width how many columns prose may take; what is to be copied is never broken */
export function callersText(found: FoundCallers, width: number): string {
  const { key, agents, notes, review } = found;
  const administrators = review.callers.filter(({ administrator }) => administrator);
  const callers = review.callers.filter(({ administrator }) => !administrator);
  const certain = callers.filter(({ judgements }) => judgements.some(({ invocation }) => invocation.kind === "may"));
  const others = callers.filter((caller) => !certain.includes(caller));
  const perhaps = others.filter(({ judgements }) => judgements.length > 0);
  const sections = [
    [
      `key     ${key.arn}`,
      `agents  ${agents.map(({ id, name }) => `${id}${name && ` (${name})`}`).join(", ")}`,
      ...notes.flatMap((note) => labelled("note", note, width)),
    ],
    ["Who may invoke, and whether it can use the key", ...orNobody(certain.flatMap((one) => callerLines(one, width)))],
    perhaps.length > 0 ? ["Who perhaps may", ...perhaps.flatMap((one) => callerLines(one, width))] : [],
    administratorLines(administrators, width),
    ...review.callers.map((caller) => planLines(caller, width)),
    ["Not visible from here", ...review.notVisible.flatMap(({ says }) => wrap(says, "  ", width))],
    [`Result: ${summary(callers)}`],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function labelled(label: string, text: string, width: number): readonly string[] {
  return wrap(text, "        ", width).map((line, i) => (i === 0 ? `${label}${line.slice(label.length)}` : line));
}

function orNobody(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? lines : ["  nobody but administrators"];
}

/** Agents of which the same is to be said stand together. */
function callerLines({ identity, judgements }: CallerReview, width: number): readonly string[] {
  const alike = Map.groupBy(judgements, (judgement) => JSON.stringify([judgement.verdict.kind, ...reasons(judgement)]));
  return [
    `  ${identityName(identity)}`,
    ...[...alike.values()].flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const agents = wrap(group.map(idOf).join(", "), `      ${" ".repeat(VERDICT_WIDTH)}`, width);
      const [line = "", ...more] = agents;
      return [
        `      ${first.verdict.kind.padEnd(VERDICT_WIDTH)}${line.trimStart()}`,
        ...more,
        ...reasons(first).flatMap((reason) => wrap(reason, "          ", width)),
      ];
    }),
  ];
}

const VERDICT_WIDTH = "depends  ".length;

function reasons({ invocation, verdict }: CallerJudgement): readonly string[] {
  return [invocationInWords(invocation), reasonOf(verdict)];
}

function idOf({ agent }: Pick<CallerJudgement, "agent">): string {
  return agent.slice(agent.lastIndexOf("/") + 1);
}

function administratorLines(administrators: readonly CallerReview[], width: number): readonly string[] {
  if (administrators.length === 0) return [];
  const names = (which: readonly CallerReview[]) => which.map(({ identity }) => identityName(identity)).join(", ");
  const short = administrators.filter(({ judgements }) => judgements.some(({ verdict }) => verdict.kind !== "able"));
  const able = administrators.filter((one) => !short.includes(one));
  return [
    "Administrators, who may do everything with Bedrock and KMS",
    ...(able.length > 0 ? wrap(`able: ${names(able)}`, "  ", width) : []),
    ...(short.length > 0 ? wrap(`refused, or not certain, for some agents: ${names(short)}`, "  ", width) : []),
  ];
}

function planLines({ identity, plan }: CallerReview, width: number): readonly string[] {
  const name = identityName(identity);
  const left = (needs: readonly Need[]) =>
    needs.length === 0
      ? []
      : wrap(`does not fit beside its other inline policies: ${needs.map(idOf).join(", ")}`, "  ", width);
  switch (plan.kind) {
    case "nothing":
      return [];
    case "put":
      return [
        `Policy for ${name}: inline policy ${OWN_POLICY}`,
        ...plan.adds.map((need) => `  + ${idOf(need)} on ${need.key}`),
        ...plan.removes.map((need) => `  - ${idOf(need)} on ${need.key}`),
        ...left(plan.leftOut),
        "",
        ...indented(documentText(plan.document)),
        "",
        "  Attach it, here or where the role is defined:".replace("role", identity.kind),
        "",
        `    ${putCommand(identity, plan.document)}`,
        ...callerSnippets(identity, plan.document).flatMap(({ tool, where, text }) => [
          "",
          `  ${tool} (${where})`,
          "",
          ...indented(text),
        ]),
      ];
    case "remove":
      return [
        `Policy for ${name}: inline policy ${OWN_POLICY} is no longer needed`,
        ...plan.removes.map((need) => `  - ${idOf(need)} on ${need.key}`),
        ...left(plan.leftOut),
        "",
        `    ${deleteCommand(identity)}`,
      ];
    case "full":
      return [`No policy for ${name}`, ...wrap(hindranceOf(plan, identity) ?? "", "  ", width), ...left(plan.leftOut)];
    case "withheld":
      return [
        `No policy for ${name}`,
        ...wrap(hindranceOf(plan, identity) ?? "", "  ", width),
        ...(plan.document ? ["  What it needs:", "", ...indented(documentText(plan.document))] : []),
      ];
    default:
      return plan satisfies never;
  }
}

function documentText(document: JsonObject): string {
  return JSON.stringify(document, null, 2);
}

function indented(text: string): readonly string[] {
  return text.split("\n").map((line) => `    ${line}`);
}

function summary(callers: readonly CallerReview[]): string {
  const judged = callers.filter(({ judgements }) => judgements.length > 0);
  const short = judged.filter(isShort);
  if (short.length === 0) return judged.length === 0 ? "no callers" : `all callers (${judged.length}) are able`;
  return `${short.length} of ${judged.length} callers can't use the key, or not certainly`;
}
