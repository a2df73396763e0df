import { describe, expect, test } from "vitest";
import { checked, defaults, isProduction, type Settings, settingsFor } from "../../stacks/settings.ts";

const right: Settings = settingsFor("local");
const alerts = (changes: object) => ({ alerts: { ...right.alerts, ...changes } });

describe("the settings", () => {
  test("of the stage local reach a mail address and Slack", () => {
    expect(right).toMatchObject({ mode: "enforce", alerts: { emails: ["security@example.com"], slack: true } });
    expect(right.tags).toEqual({ mode: "bedrock-key-guard" });
  });

  test("are by default those that disturb an account least", () => {
    expect(defaults).toMatchObject({ profile: "documented", restoreLostUpdates: false, sweepShare: 1 / 3 });
    expect(defaults.writeBudgets).toEqual({ keyPerHour: 20, accountPerHour: 100 });
  });

  test("of callers are by default to propose, and write nothing in IAM", () => {
    expect(defaults.callers).toEqual({ mode: "propose", writesPerHour: 50 });
    expect(right.callers).toEqual({ mode: "enforce", writesPerHour: 50 });
  });

  test("of a stage that is not listed are refused as long as nobody would be told", () => {
    expect(() => settingsFor("prod")).toThrow(/`alerts.emails` is `\[\]`: nobody would be told; add an address/);
    expect(() => settingsFor("constructor")).toThrow(/nobody would be told/);
  });

  test.each(["", "Prod", "1st", "a-stage-of-17-char", "a b", "../x"])("refuse the stage `%s`", (stage) => {
    expect(() => settingsFor(stage)).toThrow(/use 1 to 16 lower-case letters/);
  });

  const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ["mode", { mode: "Enforce" }, /`mode` is `"Enforce"`: use one of enforce, propose, observe, off/],
    ["mode", { mode: undefined }, /`mode`/],
    ["emails", alerts({ emails: ["Ops <ops@example.com>"] }), /`alerts.emails`.*bare address/],
    ["emails", alerts({ emails: ["ops@example"] }), /`alerts.emails`.*bare address/],
    ["emails", alerts({ emails: ["a@example.com", "a@example.com"] }), /`alerts.emails`.*once/],
    [
      "workspace",
      alerts({ chat: { workspaceId: "acme", channelId: "C0123ABCD" } }),
      /`alerts.chat.workspaceId`.*T0123ABCD/,
    ],
    [
      "channel",
      alerts({ chat: { workspaceId: "T0123ABCD", channelId: "#ops" } }),
      /`alerts.chat.channelId`.*C0123ABCD/,
    ],
    ["events", alerts({ events: "yes" }), /`alerts.events`.*`true` or `false`/],
    ["atOnceFrom", alerts({ atOnceFrom: "severe" }), /`alerts.atOnceFrom`.*critical, high, medium, low/],
    ["gatherSeconds", alerts({ gatherSeconds: 301 }), /`alerts.gatherSeconds`.*0 to 300/],
    ["gatherSeconds", alerts({ gatherSeconds: 0.5 }), /`alerts.gatherSeconds`/],
    ["digestAt", alerts({ digestAt: "7 am" }), /`alerts.digestAt`.*`07:00`/],
    ["digestAt", alerts({ digestAt: "24:00" }), /`alerts.digestAt`/],
    ["tags.mode", { tags: { mode: "aws:guard" } }, /`tags.mode`.*not starting with `aws:`/],
    ["tags.mode", { tags: { mode: "" } }, /`tags.mode`/],
    ["tags.optIn.key", { tags: { mode: "m", optIn: { key: "a*", value: "on" } } }, /`tags.optIn.key`/],
    ["tags.optIn.key", { tags: { mode: "m", optIn: { key: "m", value: "on" } } }, /another tag than `tags.mode`/],
    ["tags.optIn.value", { tags: { mode: "m", optIn: { key: "k", value: "${x}" } } }, /`tags.optIn.value`/],
    ["sweepSchedule", { sweepSchedule: "6 hours" }, /`sweepSchedule`.*write `rate\(6 hours\)`/],
    ["sweepSchedule", { sweepSchedule: "rate(1 hours)" }, /`sweepSchedule`/],
    ["sweepSchedule", { sweepSchedule: "cron(0 6 * * *)" }, /six fields/],
    ["sweepSchedule", { sweepSchedule: "rate(4 days)" }, /`sweepSchedule`.*every three days at least/],
    ["sweepSchedule", { sweepSchedule: "cron(0 6 ? * MON *)" }, /`sweepSchedule`.*on every day/],
    ["sweepShare", { sweepShare: 0 }, /`sweepShare` is `0`: use a number above 0/],
    ["sweepShare", { sweepShare: 1.1 }, /`sweepShare`.*at most 1/],
    ["sweepShare", { sweepShare: Number.NaN }, /`sweepShare`/],
    ["profile", { profile: "newest" }, /`profile` is `"newest"`: use one of documented, by-creation-date/],
    ["keyPerHour", { writeBudgets: { keyPerHour: 0, accountPerHour: 100 } }, /`writeBudgets.keyPerHour`.*at least 1/],
    ["accountPerHour", { writeBudgets: { keyPerHour: 1, accountPerHour: 1.5 } }, /`writeBudgets.accountPerHour`/],
    ["accountPerHour", { writeBudgets: { keyPerHour: 1 } }, /`writeBudgets.accountPerHour` is `undefined`/],
    ["restoreLostUpdates", { restoreLostUpdates: "yes" }, /`restoreLostUpdates`.*`true` or `false`/],
    ["callers.mode", { callers: { mode: "on", writesPerHour: 50 } }, /`callers.mode` is `"on"`: use one of enforce/],
    ["callers.mode", { callers: { writesPerHour: 50 } }, /`callers.mode` is `undefined`/],
    ["writesPerHour", { callers: { mode: "enforce" } }, /`callers.writesPerHour` is `undefined`: use a whole number/],
    ["writesPerHour", { callers: { mode: "enforce", writesPerHour: 0 } }, /set `callers.mode: "propose"`/],
    ["logRetention", { logRetention: "forever" }, /`logRetention`.*use one of 1 week/],
  ];
  test.each(wrong)("name `%s` when it is wrong, and the way out: %j", (_setting, change, message) => {
    expect(() => checked({ ...right, ...change })).toThrow(message);
    expect(() => checked({ ...right, ...change })).toThrow("stacks/settings.ts");
  });

  test.each(["rate(1 hour)", "rate(30 minutes)", "rate(3 days)", "cron(0 6 * * ? *)"])(
    "take the schedule `%s`",
    (sweepSchedule) => {
      expect(checked({ ...right, sweepSchedule }).sweepSchedule).toBe(sweepSchedule);
    },
  );

  test("take mail alone or chat alone, and not Slack alone: nobody could be told that Slack refuses", () => {
    const chat = { workspaceId: "T0123ABCD", channelId: "C0123ABCD" };
    const with_ = (changes: object) => checked({ ...right, alerts: { ...defaults.alerts, ...changes } });
    expect(with_({ emails: ["a@example.com"] }).alerts.slack).toBe(false);
    expect(with_({ chat }).alerts.emails).toEqual([]);
    expect(() => with_({ slack: true })).toThrow("when Slack refuses what the guard says, nobody could be told");
    expect(with_({ slack: true, chat }).alerts.slack).toBe(true);
  });

  test("protect production from removal", () => {
    expect(["prod", "production", "local", "dev"].map(isProduction)).toEqual([true, true, false, false]);
  });
});
