/** What a scene is played with: people, Bedrock itself, and a narrator who tells what the stack does. */
import { GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import type { CloudTrailRecord } from "../contract.ts";
import { type Clients, type Laptop, type LaptopOptions, startLaptop } from "../laptop.ts";
import type { LogLine } from "../runner/function-pool.ts";
import type { Mail } from "../runner/sns-service.ts";
import type { People, Stage, Told } from "./stage.ts";
import { leadOf, logText, mailParts, recordText, type Timeline } from "./timeline.ts";

export interface Theatre extends Stage {
  readonly laptop: Laptop;
  /** Tells what happened since the last time, too. */
  settle(): Promise<readonly Told[]>;
  role(name: string): string;
  stop(): Promise<void>;
}

export async function openTheatre(timeline: Timeline, options: LaptopOptions = {}): Promise<Theatre> {
  const records: { readonly at: string; readonly record: CloudTrailRecord }[] = [];
  const laptop = await startLaptop({
    ...options,
    onRecord: (record) => {
      records.push({ at: new Date().toISOString(), record });
      options.onRecord?.(record);
    },
  });
  const { stack, account } = laptop;
  const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  const people: People = {
    developer: laptop.administrator(role("team/Developer"), "ana"),
    terraform: laptop.administrator(role("ci/Terraform"), "nightly-apply"),
  };
  const bedrock = laptop.as({ kind: "service", name: "bedrock.amazonaws.com" });
  const clients = new Map<string, Clients>();
  const clientsOf = (callerArn: string): Clients => {
    const known = clients.get(callerArn) ?? laptop.as(laptop.world.caller(callerArn));
    clients.set(callerArn, known);
    return known;
  };
  const told = { records: 0, logs: 0, mails: 0, posts: 0, steps: new Set<string>() };

  function tellRecord(record: CloudTrailRecord): void {
    timeline.line(leadOf(record), recordText(record));
  }

  function tellLog(line: LogLine): void {
    const said = logText(line);
    if (said) timeline.line(said.lead, said.text);
  }

  function tellMail(mail: Mail, toSlack: boolean): void {
    const { about, cause, problem, diff, steps } = mailParts(mail);
    if (diff) timeline.line("diff", diff);
    timeline.line("alert", `${mail.subject}\nto ${mail.to}${toSlack ? " and Slack" : ""}`);
    const repaired = mail.text.startsWith("REPAIRED");
    const next =
      repaired && told.steps.has(about)
        ? `What to do: as in the first alert of a repair of ${about === "key" ? "a key" : "callers"}.`
        : steps && `What to do:\n${steps}`;
    if (repaired) told.steps.add(about);
    for (const part of [cause && `Cause: ${cause}`, problem, next]) if (part) timeline.line("alert", part);
  }

  function narrate(): readonly Told[] {
    const mails = stack.mailbox.slice(told.mails);
    const toSlack = laptop.slack.posted.length > told.posts;
    // A mail is published just before its decision is logged; a reader wants the decision first.
    const held: Mail[] = [];
    const release = () => {
      for (const mail of held.splice(0)) tellMail(mail, toSlack);
    };
    const news: { readonly at: string; tell(): void }[] = [
      ...records.slice(told.records).map(({ at, record }) => ({ at, tell: () => tellRecord(record) })),
      ...stack.logs.slice(told.logs).map((line) => ({
        at: line.at,
        tell: () => {
          tellLog(line);
          if (DECIDED.test(line.line)) release();
        },
      })),
      ...mails.map((mail) => ({ at: mail.at, tell: () => void held.push(mail) })),
    ];
    for (const one of news.sort((a, b) => a.at.localeCompare(b.at))) one.tell();
    release();
    told.records = records.length;
    told.logs = stack.logs.length;
    told.mails = stack.mailbox.length;
    told.posts = laptop.slack.posted.length;
    return mails;
  }

  return {
    laptop,
    account,
    timeline,
    people,
    cast: { shopBot: undefined },
    role,
    async settle() {
      await stack.idle();
      return narrate();
    },
    bedrockCanUse: (keyArn, agentArn) => canUse(bedrock, keyArn, agentArn),
    callerCanUse: (callerArn, keyArn, agentArn) => canUse(clientsOf(callerArn), keyArn, agentArn),
    keyPolicy: async (keyArn) => laptop.world.policy(keyArn),
    stop: () => laptop.stop(),
  };
}

async function canUse({ kms }: Clients, keyArn: string, agentArn: string): Promise<boolean> {
  const EncryptionContext = { "aws:bedrock:arn": agentArn };
  try {
    await kms.send(new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: "AES_256", EncryptionContext }));
    return true;
  } catch (error) {
    if (error instanceof Error && REFUSALS.has(error.name)) return false;
    throw error;
  }
}

/** What a function logs once it has decided. */
const DECIDED = /a key was looked at|the callers were looked at/;

const REFUSALS = new Set(["AccessDeniedException", "DisabledException", "KMSInvalidStateException"]);
