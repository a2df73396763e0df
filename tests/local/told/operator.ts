/** A person at a shell, with credentials of the local AWS. */
import type { Clients } from "../../../packages/local/src/laptop.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { type Ended, cli as runCli, shell as runShell } from "../../cli/run-cli.ts";

export interface Operator {
  readonly table: string;
  /** The command line, as its own process. */
  cli(...args: readonly string[]): Promise<Ended>;
  /** A line as an alert prints it. */
  shell(line: string): Promise<Ended>;
}

export function operatorOf({ laptop }: Theatre, as: Clients): Operator {
  const { accessKeyId, secretAccessKey } = as.credentials;
  const environment = {
    AWS_ENDPOINT_URL: laptop.stack.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const [table] = laptop.stack.model.tables;
  if (!table) throw new Error("the graph has no table");
  return {
    table: table.name,
    cli: (...args) => runCli(args, "", environment),
    shell: (line) => runShell(line, environment),
  };
}

/** The only line of a text that is this command. */
export function commandIn(text: string, start: string): string {
  const lines = [...new Set(text.split("\n").map((line) => line.trim()))].filter((line) => line.startsWith(start));
  if (lines.length !== 1) throw new Error(`\`${start}\` stands ${lines.length} times in: ${text}`);
  return lines[0] ?? "";
}
