/** What was found, for a person at a terminal; not made harmless yet. */
import { type KeyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import type { Finding } from "@bedrock-key-guard/core/finding/finding.ts";
import type { Judgement } from "@bedrock-key-guard/core/key/judge.ts";
import { placeInWords } from "@bedrock-key-guard/core/key/warnings.ts";
import type { Agent } from "@bedrock-key-guard/core/ports.ts";
import { appearancesOn } from "@bedrock-key-guard/core/requirements/appearances.ts";
import { wrap } from "../output/wrap.ts";
import type { Examined } from "./examine.ts";
import type { Found } from "./found.ts";
import { reasonsOf, requesterName, statementNames, subjectOf } from "./verdict-words.ts";

/** @param width how many columns prose may take; what is to be copied is never broken */
export function reportText(found: Found, width: number): string {
  const { examined, notes, next, stored } = found;
  const { key, agents, profile, judgements, findings, plan } = examined;
  const sections = [
    [
      `key     ${key.arn}`,
      ...agents.map((agent, index) => `${index === 0 ? "agents" : "      "}  ${agentInWords(agent, key.arn)}`),
      ...labelled("asked", `${profile.title} (profile ${profile.id})`, width),
      ...notes.flatMap((note) => labelled("note", note, width)),
    ],
    ["What AWS documents, and what the policy says to it", ...verdictLines(judgements, width)],
    ...findings.map((finding) => findingLines(finding, width)),
    broaderLines(examined, width),
    ["Plan", ...planLines(examined).map((line) => `  ${line}`)],
    plan.kind === "patch" && next !== undefined ? patchedLines(examined, next, stored) : [],
    plan.kind === "nothing" && stored !== undefined ? [`The policy as it is was stored in ${stored}.`] : [],
    warningLines(found, width),
    [`Result: ${summary(examined)}`],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function labelled(label: string, text: string, width: number): readonly string[] {
  return wrap(text, "        ", width).map((line, i) => (i === 0 ? `${label}${line.slice(label.length)}` : line));
}

/** Of an agent that is given with versions, which of it use the key. */
function agentInWords(agent: Agent, key: KeyArn): string {
  const { id, name, versions } = agent;
  const called = `${id}${name && ` (${name})`}`;
  if (versions.length === 0) return called;
  const using = appearancesOn(agent, key).map(({ version }) => (version === "DRAFT" ? version : `version ${version}`));
  return `${called}: ${using.join(", ")}`;
}

function verdictLines(judgements: readonly Judgement[], width: number): readonly string[] {
  const idWidth = Math.max(...judgements.map(({ requirement }) => requirement.id.length));
  return judgements.flatMap((judgement) => {
    const { requirement, verdict } = judgement;
    const line = `  ${requirement.id.padEnd(idWidth)}  ${verdict.kind.padEnd("missing".length)}  ${subjectOf(judgement)}`;
    return [line.trimEnd(), ...reasonsOf(verdict).flatMap((reason) => wrap(reason, "      ", width))];
  });
}

function findingLines({ severity, title, detail, evidence, remedy }: Finding, width: number): readonly string[] {
  const indented = (text: string) => text.split("\n").map((line) => `  ${line}`);
  return [
    ...wrap(`Finding (${severity}): ${title}`, "", width),
    ...wrap(detail, "  ", width),
    ...evidence.flatMap((text) => ["", ...indented(text)]),
    "",
    "  What to do",
    ...remedy.flatMap(indented),
  ];
}

function broaderLines({ broader }: Examined, width: number): readonly string[] {
  if (broader.length === 0) return [];
  return [
    "Broader than documented (the guard never narrows it)",
    ...broader.flatMap(({ statement, what, example }) => [
      ...wrap(`${statementNames([statement])}: ${what}`, "  ", width),
      ...wrap(`such as ${example.action} by ${requesterName(example.principal)}`, "      ", width),
    ]),
  ];
}

function warningLines({ warnings, examined }: Found, width: number): readonly string[] {
  if (warnings.length === 0) return [];
  return [
    `Warnings about the ${examined.plan.kind === "patch" ? "patched " : ""}policy`,
    ...warnings.flatMap(({ refused, place, what, remedy }) => [
      ...wrap(`${placeInWords(place)}: ${what}${refused ? "; KMS would refuse to put the policy" : ""}`, "  ", width),
      ...wrap(remedy, "      ", width),
    ]),
  ];
}

function planLines({ plan, judgements }: Examined): readonly string[] {
  switch (plan.kind) {
    case "patch":
      return ["add what is missing (whether the roles exist was not asked of IAM):", ...plan.patch.diff];
    case "too-long":
      return [`none: with the addition the policy would have ${plan.bytes} bytes, which KMS refuses`];
    case "no-safe-patch":
      return [`none: ${plan.reason}`];
    case "withheld":
      return [`none: ${plan.reason}`];
    case "nothing": {
      const open = judgements.some(({ verdict }) => verdict.kind !== "met");
      return [open ? "nothing that the guard would add: the rest is for a person to decide" : "nothing to add"];
    }
    default:
      return plan satisfies never;
  }
}

function patchedLines({ key }: Examined, next: string, stored: string | undefined): readonly string[] {
  const { region, resource } = partsOf(key.arn);
  const put = (file: string) =>
    `aws kms put-key-policy --region ${region} --key-id ${resource.replace("key/", "")} --policy-name default --policy ${file}`;
  if (stored === undefined) return ["Patched policy (`--write FILE` stores it)", "", next];
  return [`The patched policy was stored in ${stored}. To put it:`, `  ${put(`file://${quoted(stored)}`)}`];
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function summary({ judgements, findings, broader, compliant }: Examined): string {
  if (compliant) return "compliant";
  const missing = judgements.filter(({ verdict }) => verdict.kind === "missing").length;
  const counts = [
    [missing, "missing"],
    [findings.length, findings.length === 1 ? "finding" : "findings"],
    [broader.length, "broader than documented"],
  ] as const;
  return `not compliant: ${counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(", ")}`;
}
