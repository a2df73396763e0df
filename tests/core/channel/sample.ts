import { operatorCommands } from "../../../packages/aws/src/operator-commands.ts";
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import type { FindingEvent } from "../../../packages/core/src/alert/ports.ts";
import { type CallerArn, callerArn, type KeyArn } from "../../../packages/core/src/arn.ts";
import type { FindingKind } from "../../../packages/core/src/finding/finding.ts";
import type { MemoryAnnouncer, Published } from "../support/announcer.ts";

export interface Sample {
  /** The kind of finding, or what else it shows: the golden's name. */
  readonly name: string;
  readonly alert: Alert;
  /** What became of the finding, as programs are told. */
  readonly event: FindingEvent | undefined;
}

type People = Pick<MemoryAnnouncer, "published" | "emitted">;

/** The last alert about the kind, and the event of it. */
export function lastOf(people: People, kind: FindingKind): Omit<Sample, "name"> {
  const alert = people.published.findLast(({ findings }) => findings.some((one) => one.kind === kind));
  if (!alert) throw new Error(`nobody was told of \`${kind}\``);
  return { alert: plain(alert), event: timed(people.emitted.findLast(({ finding }) => finding.kind === kind)) };
}

/** The worlds' clocks run on with each look at them: how often that was says nothing. */
export function timed<T>(value: T): T {
  if (value === undefined) return value;
  return JSON.parse(JSON.stringify(value).replaceAll(/(:\d\d)\.\d{3}Z/g, "$1.000Z")) as T;
}

export function plain({ text: _text, diff: _diff, ...alert }: Published): Alert {
  const timely = timed(alert);
  return { ...timely, nextSteps: timely.nextSteps.map(asInAlerts), wayBack: timely.wayBack.map(asInAlerts) };
}

const COMMANDS = operatorCommands({ table: "bedrock-key-guard-prod-StateTable-bdhcrzmh", region: "eu-west-1" });

/** The worlds have short commands of their own; people get those of the command line. */
function asInAlerts(step: string): string {
  const [word = "", subject = "", id = ""] = step.split(" ");
  switch (word) {
    case "silence":
      return COMMANDS.silence(step.split(" ").slice(1));
    case "list-findings":
      return COMMANDS.findings();
    case "resume-guard":
      return COMMANDS.resumeGuard();
    case "resume-key":
      return COMMANDS.resumeKey(subject as KeyArn);
    case "resume":
      return COMMANDS.resume(subject as CallerArn);
    case "show-history":
      return COMMANDS.history(subject as KeyArn);
    case "roll-back": {
      const caller = callerArn(subject);
      if (caller) return COMMANDS.rollback({ caller, id });
      return COMMANDS.rollback({ key: subject as KeyArn, id });
    }
    default:
      return step;
  }
}
