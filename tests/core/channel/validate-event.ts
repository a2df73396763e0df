/**
 * An event of version 1, as docs/alerts.md tells those who build on it, and as EventBridge takes it. It counts bytes as
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html says, and ten entries go into one call.
 */
type Json = Readonly<Record<string, unknown>>;

const STRINGS = [
  "id",
  "finding",
  "change",
  "kind",
  "severity",
  "account",
  "region",
  "mode",
  "title",
  "detail",
  "since",
];
const OPTIONAL = ["key", "caller", "resolved", "actor", "diff"];
const OTHERS = ["version", "agents", "times", "remedy"];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** @param event - parsed from its JSON */
export function faultsOfEvent(event: unknown): readonly string[] {
  const { source, detailType, time, resources, detail } = event as Json & {
    detail: Json;
    resources: readonly string[];
  };
  const faults: string[] = [];
  if (source !== "bedrock-key-guard") faults.push(`is of \`${source}\``);
  if (!/^(Finding (Opened|Worsened|Resolved)|Policy Changed)$/.test(String(detailType)))
    faults.push(`is a \`${detailType}\``);
  if (!TIME.test(String(time))) faults.push(`is of the time \`${time}\``);
  if (detail.version !== "1") faults.push("is not of version 1");
  for (const name of STRINGS)
    if (typeof detail[name] !== "string" || detail[name] === "") faults.push(`has no ${name}`);
  for (const name of ["agents", "remedy"]) if (!Array.isArray(detail[name])) faults.push(`has no list of ${name}`);
  if (!TIME.test(String(detail.since))) faults.push("does not say since when");
  const known = [...STRINGS, ...OPTIONAL, ...OTHERS];
  const unknown = Object.keys(detail).filter((name) => !known.includes(name));
  if (unknown.length > 0) faults.push(`has ${unknown.join(", ")}`);
  if (detail.key !== undefined && !resources.includes(String(detail.key))) faults.push("is not about its key");
  const texts = [String(source), String(detailType), JSON.stringify(detail), ...resources];
  const bytes = 14 + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes > 262_144 / 10 ? [...faults, `has ${bytes} bytes`] : faults;
}
