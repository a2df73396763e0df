/** What the commands that look after a deployed guard work with: its ports, on the user's own credentials. */
import type { SilenceLever, Silences } from "@bedrock-key-guard/core/alert/ports.ts";
import type {
  CallerCommands,
  CallerHistory,
  CallerIdentities,
  CallerJournal,
  CallerWriter,
  WritingNotes,
} from "@bedrock-key-guard/core/callers/ports.ts";
import type {
  Clock,
  FindingLog,
  History,
  Holds,
  Journal,
  Keys,
  KeyWriter,
  KillSwitch,
  KillSwitchLever,
  OperatorCommands,
  SweepLog,
} from "@bedrock-key-guard/core/ports.ts";

/** Which guard: an account may have several, one for each Region and stage. */
export interface Place {
  readonly table: string;
  readonly region: string;
}

export interface Person {
  /** A user's ARN, or a role's with the name of its session. */
  readonly arn: string;
  readonly account: string;
}

export interface Guard {
  readonly history: History;
  readonly journal: Journal;
  readonly holds: Holds;
  readonly killSwitch: KillSwitch;
  readonly lever: KillSwitchLever;
  readonly sweepLog: Pick<SweepLog, "latest">;
  readonly keys: Keys;
  readonly writer: KeyWriter;
  /** The same for roles and users. */
  readonly callers: {
    readonly history: CallerHistory;
    readonly callerJournal: CallerJournal;
    readonly identities: CallerIdentities;
    readonly writer: CallerWriter;
  };
  readonly writing: WritingNotes;
  readonly findings: Pick<FindingLog, "all">;
  readonly silences: Silences;
  readonly silenceLever: SilenceLever;
  readonly clock: Clock;
  readonly commands: OperatorCommands & CallerCommands;
  /** Whose credentials these are. */
  person(): Promise<Person>;
}

/** Everything outside a command. */
export interface Desk {
  readonly environment: Readonly<Record<string, string | undefined>>;
  guardAt(place: Place): Promise<Guard>;
  readonly terminal: Terminal;
}

export interface Terminal {
  /** The answer: standard output. */
  print(text: string): Promise<void>;
  /** Beside the answer, where that is for a program: standard error. */
  note(text: string): Promise<void>;
  printError(text: string): Promise<void>;
  readonly columns: number;
  /** Whether a person reads what `print` (or `note`) writes, and can type an answer. */
  isManned(where: "print" | "note"): boolean;
  /** Undefined where the input ends before a line is typed. */
  ask(question: string, where: "print" | "note"): Promise<string | undefined>;
}
