/**
 * What people are told of callers, as they read it: a golden email for each finding and each write
 * (tests/cases/told-callers). To change a text on purpose: `npx vitest run tests/core/callers/told.test.ts -u`, and read the
 * difference.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";
import type { Published } from "../support/announcer.ts";
import { play, SCENES, type Scene } from "./scenes.ts";

async function toldIn(scene: Scene): Promise<readonly Published[]> {
  const before = scene.world.published.length;
  await play(scene);
  return scene.world.published.slice(before);
}

/** As an email. The clock of the tests runs on by a millisecond with each look at it: how often that was says nothing. */
function email(alert: Published): string {
  const { kind, findings, text } = alert;
  const { subject } = emailOf(alert);
  const kinds = findings.map((finding) => `${finding.kind} (${finding.severity}): ${finding.agents.join(", ") || "-"}`);
  const header = [`Subject: ${subject}`, `Alert: ${kind}`, ...kinds.map((one) => `Finding: ${one}`)];
  return `${header.join("\n")}\n\n${text}`.replaceAll(/\.\d{3}Z/g, "Z");
}

/** A command, a snippet, an address, or the heading of a snippet. */
const COMMAND = /^ *(aws |silence |list-findings|resume|show-history|roll-back|resource|\{|role\.|user\.|https:|\w+, )/;

const golden = (name: string) => join(import.meta.dirname, `../../cases/told-callers/${name}.txt`);

describe("people are told of callers, in these words", () => {
  test.for(Object.entries(SCENES))("%s", async ([name, build]) => {
    const scene = await build();
    const told = await toldIn(scene);
    const kinds = told.flatMap(({ findings }) => findings.map(({ kind }) => kind));
    expect(kinds).toContain(scene.tells);
    await expect(told.map(email).join(`\n${"=".repeat(80)}\n\n`)).toMatchFileSnapshot(golden(name));
  });

  test("and no kind of finding of callers is without them", async () => {
    const told = new Set<unknown>();
    for (const build of Object.values(SCENES)) told.add((await build()).tells);
    const kinds = FINDING_KINDS.filter((kind) => kind.startsWith("caller"));
    expect(kinds.filter((kind) => !told.has(kind))).toEqual([]);
  });

  test("and none of them asks for a policy without showing it, or for a command without giving it", async () => {
    for (const build of Object.values(SCENES)) {
      for (const { text, nextSteps } of await toldIn(await build())) {
        if (/(statements|policy|document) above/.test(text)) expect(text).toContain('"Statement"');
        for (const [i, step] of nextSteps.entries()) {
          if (step.endsWith(":")) expect(nextSteps[i + 1], step).toMatch(COMMAND);
          // A command stands on a line of its own, to be copied.
          expect(step).not.toMatch(/\S.*(resume-guard|resume arn|show-history|roll-back|aws iam )/);
        }
      }
    }
  });
});
