/**
 * docs/alerts.md against the code: its examples are alerts that the workflows tell, its patterns and filter policies are tried on them,
 * its tables name every member. After a change of a text: `npx vitest run tests/core/docs/alerts.test.ts -u`, and read the difference.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { operatorCommands } from "../../../packages/aws/src/operator-commands.ts";
import { ALERT_KINDS, CHANGES } from "../../../packages/core/src/alert/alert.ts";
import { attributesOf } from "../../../packages/core/src/channel/attributes.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { busEventOf } from "../../../packages/core/src/channel/event.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";
import { eventPattern } from "../../../packages/local/src/runner/event-pattern.ts";
import { type AlertSettings, checked, defaults } from "../../../stacks/settings.ts";
import { type FilterPolicy, takes } from "../channel/filter-policy.ts";
import { allSamples } from "../channel/samples.ts";

const DOCS = new URL("../../../docs/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, DOCS), "utf8");
const PAGE = read("alerts.md");
const LINES = new Set(PAGE.split("\n").map((line) => line.trim()));
const SAMPLES = await allSamples();

/** As EventBridge delivers it. */
function delivered(name: string) {
  const event = SAMPLES.find((sample) => sample.name === name)?.event;
  if (!event) return undefined;
  const { source, detailType, time, resources, detail } = busEventOf(event);
  const { account, region } = event;
  return {
    version: "0",
    id: "12345678-…",
    "detail-type": detailType,
    source,
    account,
    time,
    region,
    resources,
    detail,
  };
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function example({ name, alert }: (typeof SAMPLES)[number]): string {
  const { subject, text } = emailOf(alert);
  const isKind = FINDING_KINDS.some((kind) => kind === name);
  return [
    `### ${name}`,
    ...(isKind ? [`[What it means, and what ends it](runbook.md#${name}).`] : []),
    `<details><summary>${escaped(subject)}</summary>`,
    `\`\`\`\`text\n${text.trimEnd()}\n\`\`\`\``,
    "</details>",
  ].join("\n\n");
}

const GENERATED: Readonly<Record<string, () => string>> = {
  event: () => `\`\`\`json\n${JSON.stringify(delivered("key-unusable"), undefined, 2)}\n\`\`\``,
  examples: () => SAMPLES.map(example).join("\n\n"),
};

/** A pattern or filter policy, and the line below it that says what it takes. */
const TRIED =
  /^```json (event-pattern|sns-filter-policy)\n([\s\S]*?)^```\n\n(Takes, of the \[examples\]\(#examples\): ).*$/gm;

function takenBy(kind: string, text: string): readonly string[] {
  if (kind === "event-pattern") {
    const pattern = eventPattern(JSON.parse(text));
    return SAMPLES.flatMap(({ name }) => (pattern.match(delivered(name) ?? {}).matched ? [name] : []));
  }
  const policy = JSON.parse(text) as FilterPolicy;
  return SAMPLES.flatMap(({ name, alert }) => (takes(policy, attributesOf(alert)) ? [name] : []));
}

function regenerated(page: string): string {
  return page
    .replaceAll(
      /<!-- generated: (\w+) -->[\s\S]*?<!-- \/generated -->/g,
      (_, name: string) => `<!-- generated: ${name} -->\n${GENERATED[name]?.()}\n<!-- /generated -->`,
    )
    .replaceAll(TRIED, (block: string, kind: string, text: string, lead: string) => {
      const taken = takenBy(kind, text).map((name) => `\`${name}\``);
      return `${block.slice(0, block.lastIndexOf(lead))}${lead}${taken.join(", ")}.`;
    });
}

describe("the page on alerts", () => {
  test("shows the alerts that the workflows tell, and what each pattern and filter policy takes of them", async () => {
    await expect(regenerated(PAGE)).toMatchFileSnapshot(fileURLToPath(new URL("alerts.md", DOCS)));
  });

  test("has an example of each kind of finding, and of each kind of alert", () => {
    const headings = new Set([...PAGE.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading));
    for (const kind of [...FINDING_KINDS, "resolved", "reminder", "digest"]) expect(headings).toContain(kind);
  });

  test("has filter policies that take something, and not everything", () => {
    const tried = [...PAGE.matchAll(TRIED)].map(([, kind = "", text = ""]) => takenBy(kind, text).length);
    expect(tried.length).toBeGreaterThanOrEqual(5);
    for (const taken of tried) {
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThan(SAMPLES.length);
    }
  });

  test("lists every member of an alert and of an event, every attribute, and every word that they may be", () => {
    const listed = new Set([...PAGE.matchAll(/`([\w-]+)`/g)].map(([, word]) => word));
    const events = SAMPLES.flatMap(({ event }) => (event ? [busEventOf(event)] : []));
    const members = [
      ...SAMPLES.flatMap(({ alert }) => [...Object.keys(alert), ...Object.keys(attributesOf(alert))]),
      ...events.flatMap(({ detail }) => Object.keys(detail)),
      ...ALERT_KINDS,
      ...CHANGES.filter((change) => change !== "stands"),
    ];
    for (const member of new Set(members)) expect(listed).toContain(member);
    for (const { detailType } of events) expect(PAGE.replaceAll(/\s+/g, " ")).toContain(`\`${detailType}\``);
  });

  test("has settings that a deployment takes, every one of them", () => {
    const [, text = ""] = /^```ts settings\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
    const alerts = runInNewContext(`(${text})`) as AlertSettings;
    expect(() => checked({ ...defaults, alerts })).not.toThrow();
    expect(Object.keys(alerts).sort()).toEqual([...Object.keys(defaults.alerts), "chat"].sort());
    const { emails: _emails, slack: _slack, events: _events, ...times } = defaults.alerts;
    expect(alerts).toMatchObject(times);
  });

  test("has the commands of alerts", () => {
    const commands = operatorCommands({ table: "TABLE", region: "REGION" });
    expect(LINES).toContain(commands.findings());
    expect(LINES).toContain(commands.silence(["REF"]));
  });

  test("links to pages and places that are there", () => {
    for (const [, link = ""] of PAGE.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)) {
      const [path = "", anchor] = link.split("#");
      expect(existsSync(new URL(path, DOCS)), link).toBe(true);
      if (anchor === undefined) continue;
      const anchors = [...read(path || "alerts.md").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, "")
          .replaceAll(" ", "-"),
      );
      expect(anchors, link).toContain(anchor);
    }
  });
});
