/**
 * What people are told, as they read it: a golden email for each finding and each write (tests/cases/told). To change a
 * text on purpose: `npx vitest run tests/core/key/told.test.ts -u`, and read the difference.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import type { Published } from "../support/announcer.ts";
import { SCENES, type Scene } from "../support/scenes.ts";
import { jobFor, SETTINGS } from "../support/world.ts";

/** What the look of a scene tells; the kinds of finding are told apart by more than words. */
async function toldIn({ world, ports, job, settings }: Scene): Promise<readonly Published[]> {
  const before = world.published.length;
  await reconcileKey(jobFor(job), ports ?? world, { ...SETTINGS, ...settings });
  return world.published.slice(before);
}

/** As an email. The clock of the tests runs on by a millisecond with each look at it: how often that was says nothing. */
function email(alert: Published): string {
  const { kind, findings, text } = alert;
  const { subject } = emailOf(alert);
  const kinds = findings.map((finding) => `${finding.kind} (${finding.severity}): ${finding.agents.join(", ") || "-"}`);
  const header = [`Subject: ${subject}`, `Alert: ${kind}`, ...kinds.map((one) => `Finding: ${one}`)];
  return `${header.join("\n")}\n\n${text}`.replaceAll(/\.\d{3}Z/g, "Z").replaceAll(/x{100,}/g, "x…x");
}

const golden = (name: string) => join(import.meta.dirname, `../../cases/told/${name}.txt`);

describe("people are told, in these words", () => {
  test.for(Object.entries(SCENES))("%s", async ([name, build]) => {
    const scene = await build();
    const told = await toldIn(scene);
    const kinds = told.flatMap(({ findings }) => findings.map(({ kind }) => kind));
    if (scene.tells) expect(kinds).toContain(scene.tells);
    await expect(told.map(email).join(`\n${"=".repeat(80)}\n\n`)).toMatchFileSnapshot(golden(name));
  });

  test("and no kind of finding is without them", async () => {
    const told = new Set<unknown>();
    for (const build of Object.values(SCENES)) told.add((await build()).tells);
    // Those of callers, and of the guard itself, are told by other workflows: tests/core/callers/told.test.ts, tests/core/self.
    const isOther = /^(caller|trail-|email-)/;
    expect(FINDING_KINDS.filter((kind) => !isOther.test(kind) && !told.has(kind))).toEqual([]);
  });
});
