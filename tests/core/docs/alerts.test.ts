/** docs/alerts.md against the code: each kind's example is what is really told, and the filters fit what they say. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attributesOf } from "../../../packages/core/src/channel/attributes.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { busEventOf } from "../../../packages/core/src/channel/event.ts";
import { FINDING_KINDS } from "../../../packages/core/src/finding/finding.ts";
import { allSamples } from "../channel/samples.ts";

const PAGE = readFileSync(new URL("../../../docs/alerts.md", import.meta.url), "utf8");
const samples = await allSamples();

type Pattern = { readonly [name: string]: readonly string[] | Pattern };

function blocks(kind: string): readonly Pattern[] {
  return [...PAGE.matchAll(new RegExp(`\`\`\`json ${kind}\n([^]*?)\`\`\``, "g"))].map(
    ([, text = ""]) => JSON.parse(text) as Pattern,
  );
}

/** SNS and EventBridge alike: each name has to be there, with one of the values; a list fits by any member. */
function fits(pattern: Pattern, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(pattern).every(([name, wanted]) => {
    const found = (value as Readonly<Record<string, unknown>>)[name];
    if (!Array.isArray(wanted)) return fits(wanted as Pattern, found);
    return [found].flat().some((one) => wanted.includes(one));
  });
}

function filtered(pattern: Pattern): readonly string[] {
  return samples
    .filter(({ alert }) => {
      const attributes = Object.entries(attributesOf(alert)).map(
        ([name, { DataType, StringValue }]) =>
          [name, DataType === "String" ? StringValue : JSON.parse(StringValue)] as const,
      );
      return fits(pattern, Object.fromEntries(attributes));
    })
    .map(({ name }) => name);
}

function matched(pattern: Pattern): readonly string[] {
  return samples.flatMap(({ name, event }) => {
    if (!event) return [];
    const { source, detailType, detail } = busEventOf(event);
    return fits(pattern, { source, "detail-type": detailType, detail }) ? [name] : [];
  });
}

describe("the page on alerts", () => {
  test("has each kind of finding once", () => {
    const kinds = [...PAGE.matchAll(/^\*\*\[([a-z-]+)\]\(runbook\.md#([a-z-]+)\)\*\*$/gm)];
    expect(kinds.map(([, kind]) => kind)).toEqual([...FINDING_KINDS].sort());
    for (const [, kind, anchor] of kinds) expect(anchor).toBe(kind);
  });

  test.each(FINDING_KINDS)("shows of %s what is really told", (kind) => {
    const alert = samples.find(({ name }) => name === kind)?.alert;
    if (!alert) throw new Error("there is no sample");
    const { subject, text } = emailOf(alert);
    const [, shown = ""] =
      new RegExp(`\\(runbook\\.md#${kind}\\)\\*\\*\n\n\`\`\`text\n([^]*?)\n\`\`\``).exec(PAGE) ?? [];
    const [first, ...rest] = shown.split("\n");
    expect(first).toBe(subject);
    expect(rest).toHaveLength(1);
    expect(text.split("\n")).toContain(rest[0]);
  });

  test("has filters for SNS that let through what it says, and not the rest", () => {
    const [grave = [], ofKey = [], recurring = []] = blocks("filter").map(filtered);
    expect(blocks("filter")).toHaveLength(3);
    expect(grave).toEqual(expect.arrayContaining(["key-unusable", "blocked-by-deny", "resolved"]));
    expect(grave).not.toContain("access-missing");
    expect(ofKey).toContain("key-unusable");
    expect(ofKey).not.toContain("email-unconfirmed");
    expect(recurring).toEqual(["recurring"]);
  });

  test("has rules for EventBridge that match what it says, and not the rest", () => {
    const [written = [], critical = []] = blocks("rule").map(matched);
    expect(blocks("rule")).toHaveLength(2);
    expect(written).toEqual(expect.arrayContaining(["access-missing", "caller-access-changed"]));
    expect(written).not.toContain("key-unusable");
    expect(critical).toContain("key-unusable");
    expect(critical).not.toContain("access-missing");
  });

  test("names settings that there are, and links to places that there are", () => {
    const settings = readFileSync(new URL("../../../stacks/settings.ts", import.meta.url), "utf8");
    for (const name of ["emails", "slack", "chat", "events", "atOnceFrom", "gatherSeconds", "digestAt"]) {
      expect(PAGE).toContain(`\`${name}`);
      expect(settings).toMatch(new RegExp(`readonly ${name}\\??:`));
    }
    const runbook = readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8");
    for (const [, anchor = ""] of PAGE.matchAll(/runbook\.md#([a-z-]+)/g)) {
      expect(runbook.toLowerCase()).toMatch(new RegExp(`^#+ ${anchor.replaceAll("-", "[- ]")}$`, "m"));
    }
  });
});
