/**
 * What a deployment can be told, and what each stage is told. Nothing else in `stacks/` is meant to be edited.
 *
 * This file and what it imports are free of SST, so that they can be read and tested without it.
 */
import { sweepWindow } from "./sweep-window.ts";

/**
 * - `enforce`: repair, and tell
 * - `propose`, `observe`: never write; tell what would be written
 * - `off`: neither write nor tell
 */
export type Mode = (typeof MODES)[number];
export const MODES = ["enforce", "propose", "observe", "off"] as const;

export type LogRetention = (typeof LOG_RETENTIONS)[number];
export const LOG_RETENTIONS = ["1 week", "2 weeks", "1 month", "3 months", "6 months", "1 year", "2 years"] as const;

/**
 * What AWS documents that an agent's key must allow:
 * - `documented`: the classic page, for every agent
 * - `by-creation-date`: the newer pages, for agents created from the day on for which AWS wrote them
 */
export type ProfileName = (typeof PROFILES)[number];
export const PROFILES = ["documented", "by-creation-date"] as const;

export type Severity = (typeof SEVERITIES)[number];
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;

/** Who is told, and when. What is off is not deployed. */
export interface AlertSettings {
  /**
   * Each address gets two mails from AWS to confirm: for alerts, and for what goes wrong in the guard itself. Until then nothing is
   * sent to it.
   */
  readonly emails: readonly string[];
  /** An incoming webhook. Needs the secret: `npx sst secret set SlackWebhook URL --stage STAGE`, before the deployment. */
  readonly slack: boolean;
  /**
   * A Slack channel by Amazon Q Developer in chat applications, with a thread for each finding. The workspace is let in once, in
   * the console of that service, which shows its id.
   */
  readonly chat?: { readonly workspaceId: string; readonly channelId: string };
  /** Whether each change of a finding is an event on the account's default bus. */
  readonly events: boolean;
  /** What is less severe is told by the daily digest only. */
  readonly atOnceFrom: Severity;
  /** For how long what belongs together is gathered before people are told, in seconds: 0 to 300. */
  readonly gatherSeconds: number;
  /** When the digest is sent, and what is still critical told again: hours and minutes, UTC. */
  readonly digestAt: string;
}

export interface Settings {
  readonly mode: Mode;
  readonly profile: ProfileName;
  readonly alerts: AlertSettings;
  readonly tags: {
    /** The name of the tag of a key, role or user whose value may lower the mode for it, never raise it. */
    readonly mode: string;
    /** When set, IAM lets the guard write to keys, roles and users that carry this tag, and to no others. */
    readonly optIn?: { readonly key: string; readonly value: string };
  };
  /** When to look at everything for what the events missed: `rate(6 hours)`, `cron(0 6 * * ? *)` (UTC). */
  readonly sweepSchedule: string;
  /**
   * How much of each Bedrock quota of the account the sweep may use, more than 0 and at most 1. Live work and the tools
   * of others need the rest.
   */
  readonly sweepShare: number;
  /** How many key policies are written in an hour of the clock at most; what comes on top is told instead. */
  readonly writeBudgets: { readonly keyPerHour: number; readonly accountPerHour: number };
  /**
   * Whether a policy that someone put at the same moment as the guard, and that the guard's write replaced unseen, is put
   * back with the guard's statements added. It is told in either case.
   */
  readonly restoreLostUpdates: boolean;
  /** Of the roles and users that may invoke an agent, and need its key for it: the IAM half, with a mode of its own. */
  readonly callers: {
    /**
     * Only with `enforce` is there a function that may write inline policies of roles and users. With `off`, nothing is
     * deployed for callers.
     */
    readonly mode: Mode;
    /** How many inline policies are written in an hour of the clock at most, all callers together. */
    readonly writesPerHour: number;
  };
  readonly logRetention: LogRetention;
}

export const defaults: Settings = {
  mode: "enforce",
  profile: "documented",
  alerts: { emails: [], slack: false, events: false, atOnceFrom: "low", gatherSeconds: 20, digestAt: "07:00" },
  tags: { mode: "bedrock-key-guard" },
  sweepSchedule: "rate(6 hours)",
  sweepShare: 1 / 3,
  writeBudgets: { keyPerHour: 20, accountPerHour: 100 },
  restoreLostUpdates: false,
  callers: { mode: "propose", writesPerHour: 50 },
  logRetention: "3 months",
};

/** What differs from the defaults, by stage. A stage that is not listed gets the defaults. */
const stages: Readonly<Record<string, Partial<Settings>>> = {
  /** What `npm start` and the tests run on a laptop: nobody else uses its quotas. */
  local: {
    alerts: {
      ...defaults.alerts,
      emails: ["security@example.com"],
      slack: true,
      chat: { workspaceId: "T0LOCALTEST", channelId: "C0LOCALTEST" },
      events: true,
      gatherSeconds: 1,
    },
    sweepShare: 1,
    callers: { mode: "enforce", writesPerHour: 50 },
  },
};

/** Production stages can't be removed by `sst remove` until this says otherwise and was deployed. */
export function isProduction(stage: string): boolean {
  return stage === "prod" || stage === "production";
}

/**
 * The settings of a stage, checked.
 *
 * @throws Error naming the first setting that is wrong, and what to write instead.
 */
export function settingsFor(stage: string): Settings {
  checkStage(stage);
  return checked({ ...defaults, ...(Object.hasOwn(stages, stage) ? stages[stage] : {}) });
}

// The longest name made of it is an IAM role's: 64 characters, of which the app, the function and the Region take 47.
const STAGE = /^[a-z][a-z0-9-]{0,15}$/;

function checkStage(stage: string): void {
  if (!STAGE.test(stage)) {
    throw new Error(
      `stage \`${stage}\` can't be part of a role's name; use 1 to 16 lower-case letters, digits and hyphens, a letter first`,
    );
  }
}

const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/;
const SCHEDULE = /^(rate\(([2-9]|[1-9]\d+) (minutes|hours|days)\)|rate\(1 (minute|hour|day)\)|cron\(\S+( \S+){5}\))$/;
// What KMS takes in a tag, without the characters that a condition key of IAM can't carry.
const TAG_KEY = /^(?!aws:)[\w.:/=+@-]{1,128}$/i;
const TAG_VALUE = /^[\w .:/=+@-]{1,256}$/;

/**
 * Gives the settings back when a deployment may be made with them.
 *
 * @throws Error naming the first setting that is wrong, and what to write instead.
 */
export function checked(settings: Settings): Settings {
  const { mode, profile, tags, logRetention } = settings;
  if (!MODES.includes(mode)) refuse("mode", mode, `use one of ${MODES.join(", ")}`);
  if (!PROFILES.includes(profile)) refuse("profile", profile, `use one of ${PROFILES.join(", ")}`);
  checkAlerts(settings);
  if (!TAG_KEY.test(tags.mode)) refuse("tags.mode", tags.mode, TAG_ADVICE);
  if (tags.optIn) {
    if (!TAG_KEY.test(tags.optIn.key)) refuse("tags.optIn.key", tags.optIn.key, TAG_ADVICE);
    if (!TAG_VALUE.test(tags.optIn.value))
      refuse("tags.optIn.value", tags.optIn.value, "use 1 to 256 plain characters");
    if (tags.optIn.key === tags.mode) refuse("tags.optIn.key", tags.optIn.key, "use another tag than `tags.mode`");
  }
  checkSweep(settings);
  checkWrites(settings);
  checkCallers(settings);
  if (!LOG_RETENTIONS.includes(logRetention)) {
    refuse("logRetention", logRetention, `use one of ${LOG_RETENTIONS.join(", ")}`);
  }
  return settings;
}

const WORKSPACE = /^T[A-Z0-9]{5,20}$/;
const CHANNEL = /^[CG][A-Z0-9]{5,20}$/;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;
const LONGEST_WINDOW = 300;

function checkAlerts({ alerts }: Settings): void {
  const { emails, slack, chat, events, atOnceFrom, gatherSeconds, digestAt } = alerts;
  for (const address of emails) {
    if (!EMAIL.test(address)) refuse("alerts.emails", address, "write a bare address such as security@example.com");
  }
  if (new Set(emails).size < emails.length) refuse("alerts.emails", emails, "list each address once");
  if (emails.length === 0 && !chat) {
    const alone = slack ? "when Slack refuses what the guard says, nobody could be told" : "nobody would be told";
    refuse("alerts.emails", emails, `${alone}; add an address to this stage, or set \`alerts.chat\``);
  }
  if (chat && !WORKSPACE.test(chat.workspaceId)) {
    refuse("alerts.chat.workspaceId", chat.workspaceId, "use the workspace's id, such as `T0123ABCD`");
  }
  if (chat && !CHANNEL.test(chat.channelId)) {
    refuse("alerts.chat.channelId", chat.channelId, "use the channel's id, such as `C0123ABCD`");
  }
  if (typeof events !== "boolean") refuse("alerts.events", events, "use `true` or `false`");
  if (!SEVERITIES.includes(atOnceFrom)) {
    refuse("alerts.atOnceFrom", atOnceFrom, `use one of ${SEVERITIES.join(", ")}`);
  }
  if (!(Number.isInteger(gatherSeconds) && gatherSeconds >= 0 && gatherSeconds <= LONGEST_WINDOW)) {
    refuse("alerts.gatherSeconds", gatherSeconds, `use a whole number from 0 to ${LONGEST_WINDOW}`);
  }
  if (!TIME_OF_DAY.test(digestAt)) refuse("alerts.digestAt", digestAt, "write hours and minutes, such as `07:00`");
}

function checkSweep({ sweepSchedule, sweepShare }: Settings): void {
  if (!SCHEDULE.test(sweepSchedule)) {
    refuse(
      "sweepSchedule",
      sweepSchedule,
      "write `rate(6 hours)` or a cron expression of six fields, `cron(0 6 * * ? *)`",
    );
  }
  if (!sweepWindow(sweepSchedule)) {
    refuse(
      "sweepSchedule",
      sweepSchedule,
      "sweep every three days at least, `rate(3 days)`, or on every day, `cron(0 6 * * ? *)`: an alarm on sweeps that don't finish looks back a week at most",
    );
  }
  if (!(sweepShare > 0 && sweepShare <= 1)) {
    refuse("sweepShare", sweepShare, "use a number above 0 and at most 1, such as `1 / 3`");
  }
}

function checkWrites({ writeBudgets, restoreLostUpdates }: Settings): void {
  for (const name of ["keyPerHour", "accountPerHour"] as const) {
    const most = writeBudgets[name];
    if (!Number.isSafeInteger(most) || most < 1) {
      refuse(`writeBudgets.${name}`, most, 'use a whole number of at least 1; to write nothing, set `mode: "propose"`');
    }
  }
  if (typeof restoreLostUpdates !== "boolean") {
    refuse("restoreLostUpdates", restoreLostUpdates, "use `true` or `false`");
  }
}

function checkCallers({ callers: { mode, writesPerHour } }: Settings): void {
  if (!MODES.includes(mode)) refuse("callers.mode", mode, `use one of ${MODES.join(", ")}`);
  if (!Number.isSafeInteger(writesPerHour) || writesPerHour < 1) {
    refuse(
      "callers.writesPerHour",
      writesPerHour,
      'use a whole number of at least 1; to write nothing, set `callers.mode: "propose"`',
    );
  }
}

const TAG_ADVICE = "use 1 to 128 letters, digits and _ . : / = + @ -, not starting with `aws:`";

function refuse(setting: string, value: unknown, wayOut: string): never {
  throw new Error(`setting \`${setting}\` is \`${JSON.stringify(value)}\`: ${wayOut} (stacks/settings.ts)`);
}
