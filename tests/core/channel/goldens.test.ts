/**
 * Each kind of finding, and each kind of alert, in each channel: golden files in tests/cases/channels, and none of them is one that the
 * channel would refuse. To change a text on purpose: `npx vitest run tests/core/channel/goldens.test.ts -u`, and read the
 * difference; `npm run alerts:preview` shows them as people see them.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ALERT_KINDS, CHANGES } from "../../../packages/core/src/alert/alert.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";
import { ofAlert, ofEvent } from "./renderings.ts";
import { allSamples } from "./samples.ts";

const SAMPLES = await allSamples();
const CASES = join(import.meta.dirname, "../../cases/channels");

describe.each(SAMPLES)("$name", ({ name, alert, event }) => {
  const channels = [...ofAlert(alert), ...(event ? [ofEvent(event)] : [])];

  test.each(channels)("reads well by $channel, which takes it", async ({ channel, text, ending, faults }) => {
    expect(faults).toEqual([]);
    await expect(text).toMatchFileSnapshot(join(CASES, `${name}.${channel}.${ending}`));
  });
});

describe("the samples", () => {
  test("show each kind of finding, each kind of alert, and each change", () => {
    const findings = SAMPLES.flatMap(({ alert }) => alert.findings);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(FINDING_KINDS));
    expect(new Set(findings.map(({ change }) => change))).toEqual(new Set(CHANGES));
    expect(new Set(SAMPLES.map(({ alert }) => alert.kind))).toEqual(new Set(ALERT_KINDS));
  });

  test("have an event of each kind of finding", () => {
    const events = SAMPLES.flatMap(({ event }) => event?.finding.kind ?? []);
    expect(new Set(events)).toEqual(new Set(FINDING_KINDS));
  });

  test("are all the goldens that there are", () => {
    const names = new Set(readdirSync(CASES).map((file) => file.split(".")[0]));
    expect(names).toEqual(new Set(SAMPLES.map(({ name }) => name)));
  });
});
