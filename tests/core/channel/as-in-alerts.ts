import { operatorCommands } from "../../../packages/aws/src/operator-commands.ts";
import { type CallerArn, callerArn, type KeyArn } from "../../../packages/core/src/arn.ts";

const COMMANDS = operatorCommands({ table: "bedrock-key-guard-prod-StateTable-bdhcrzmh", region: "eu-west-1" });

/** The worlds have short commands of their own; people get those of the command line. */
export function asInAlerts(step: string): string {
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
