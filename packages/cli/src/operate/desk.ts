/** The desk of a real person: their terminal, their environment, their AWS credentials. */
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { harmless, print, printError } from "../output/terminal.ts";
import { columns } from "../output/wrap.ts";
import type { Desk, Guard, Place, Terminal } from "./guard.ts";

export function realDesk(): Desk {
  return { environment: process.env, terminal: realTerminal(), guardAt: (place) => guardAt(place, process.env) };
}

/**
 * The guard's own adapters. They are loaded here and nowhere else, and only when a command needs them: the AWS SDK takes
 * longer to load than the other commands take to answer.
 */
async function guardAt(place: Place, environment: Desk["environment"]): Promise<Guard> {
  const aws = {
    clients: await import("@bedrock-key-guard/aws/clients.ts"),
    callerIdentities: await import("@bedrock-key-guard/aws/caller-identities.ts"),
    callerJournal: await import("@bedrock-key-guard/aws/caller-journal.ts"),
    callerWriter: await import("@bedrock-key-guard/aws/caller-writer.ts"),
    commands: await import("@bedrock-key-guard/aws/operator-commands.ts"),
    findings: await import("@bedrock-key-guard/aws/findings.ts"),
    holds: await import("@bedrock-key-guard/aws/holds.ts"),
    journal: await import("@bedrock-key-guard/aws/journal.ts"),
    killSwitch: await import("@bedrock-key-guard/aws/kill-switch.ts"),
    kms: await import("@bedrock-key-guard/aws/kms.ts"),
    person: await import("@bedrock-key-guard/aws/caller-identity.ts"),
    silences: await import("@bedrock-key-guard/aws/silences.ts"),
    sweepLog: await import("@bedrock-key-guard/aws/sweep-log.ts"),
    writing: await import("@bedrock-key-guard/aws/writing-notes.ts"),
  };
  const settings = { ...environment, AWS_REGION: place.region };
  const table = { client: aws.clients.dynamoClient(settings), name: place.table };
  return {
    history: aws.journal.dynamoHistory(table),
    journal: aws.journal.dynamoJournal(table),
    holds: aws.holds.dynamoHolds(table),
    killSwitch: aws.killSwitch.dynamoKillSwitch(table),
    lever: aws.killSwitch.dynamoKillSwitchLever(table),
    sweepLog: aws.sweepLog.dynamoSweepLog(table),
    keys: aws.kms.kmsKeys(aws.clients.kmsClient(settings)),
    // INVARIANT: the guard's own writer, which never bypasses the lockout check and repeats no write by itself.
    writer: aws.kms.kmsKeyWriter(aws.clients.kmsWriterClient(settings)),
    callers: {
      history: aws.callerJournal.dynamoCallerHistory(table),
      callerJournal: aws.callerJournal.dynamoCallerJournal(table),
      identities: aws.callerIdentities.iamCallerIdentities(aws.clients.iamClient(settings)),
      // INVARIANT: the guard's own writer, which names one policy and no other, and repeats no write by itself.
      writer: aws.callerWriter.iamCallerWriter(aws.clients.iamWriterClient(settings)),
    },
    writing: aws.writing.dynamoWritingNotes(table),
    findings: aws.findings.dynamoFindingLog(table),
    silences: aws.silences.dynamoSilences(table),
    silenceLever: aws.silences.dynamoSilenceLever(table),
    clock: {
      now: () => new Date().toISOString(),
      sleep: async (milliseconds) => {
        await setTimeout(milliseconds);
      },
      random: Math.random,
    },
    commands: aws.commands.operatorCommands(place),
    person: () => aws.person.callerIdentity(aws.person.stsClient(settings)),
  };
}

function realTerminal(): Terminal {
  const stream = { print: process.stdout, note: process.stderr };
  return {
    columns: columns(),
    print,
    note: async (text) => {
      process.stderr.write(`${text}\n`);
    },
    printError,
    isManned: (where) => process.stdin.isTTY === true && stream[where].isTTY === true,
    ask: (question, where) =>
      new Promise((resolve) => {
        const lines = createInterface({ input: process.stdin, output: stream[where] });
        lines.once("close", () => resolve(undefined));
        lines.question(harmless(question), (answer) => {
          resolve(answer);
          lines.close();
        });
      }),
  };
}
