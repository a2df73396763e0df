/** A subscriber in the place of a person's mailbox: moto sends no emails, and gives programs the alert as JSON. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseAlertMessage } from "../../packages/aws/src/alert-message.ts";
import { parseJson } from "../../packages/aws/src/messages.ts";
import { emailOf } from "../../packages/core/src/channel/email.ts";
import type { Told } from "../../packages/local/src/scenes/stage.ts";

export interface Mailbox {
  readonly url: string;
  /** As a person would read them, oldest first. */
  readonly mails: readonly Told[];
  stop(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: Told[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    mails.push(mailIn(body));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    mails,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @param notification - SNS's, in moto's own JSON; what is no alert of the guard is left as it is, for tests to trip over */
function mailIn(notification: string): Told {
  const { Subject = "", Message = "" } = JSON.parse(notification) as { Subject?: string; Message?: string };
  const json = parseJson(Message);
  const read = json.kind === "parsed" ? parseAlertMessage(json.value) : json;
  return read.kind === "parsed" ? emailOf(read.value) : { subject: Subject, text: Message };
}
