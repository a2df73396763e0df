/**
 * A user's document speaks of their account, Region and principals; the emulated account is another one. Account and
 * Region are replaced in its text, so that it means here what it means there.
 */
export interface Place {
  readonly account: string;
  readonly region: string;
}

export interface Localised {
  readonly text: string;
  /** For the user: what was replaced by what. */
  readonly notes: readonly string[];
}

const ACCOUNT_IN_ARN = /\barn:aws[a-z-]*:(?:iam|sts|kms|bedrock):[a-z0-9-]*:(\d{12}):/g;

/** The account that a document speaks of most. */
function mainAccount(text: string): string | undefined {
  const counts = Map.groupBy(
    [...text.matchAll(ACCOUNT_IN_ARN)].map((match) => match[1] ?? ""),
    (account) => account,
  );
  return [...counts].sort((a, b) => b[1].length - a[1].length)[0]?.[0];
}

function mainRegion(text: string): string | undefined {
  return /\barn:aws[a-z-]*:(?:kms|bedrock):([a-z]{2}(?:-[a-z]+)+-\d):/.exec(text)?.[1];
}

export function localise(
  text: string,
  place: Place,
  account = mainAccount(text),
  region = mainRegion(text),
): Localised {
  const notes: string[] = [];
  let result = text;
  const replace = (from: string | undefined, to: string, what: string) => {
    if (from === undefined || from === to) return;
    result = result.replaceAll(from, to);
    notes.push(`${what} ${from} stands for ${to} here`);
  };
  replace(account, place.account, "account");
  replace(region, place.region, "Region");
  return { text: result, notes };
}

/** Roles and users that a document names: they have to exist here for KMS to take it. */
export function identitiesIn(text: string): { readonly roles: readonly string[]; readonly users: readonly string[] } {
  const all = (kind: string) => [
    ...new Set(text.match(new RegExp(`\\barn:aws[a-z-]*:iam::\\d{12}:${kind}/[\\w+=,.@/-]+`, "g")) ?? []),
  ];
  return { roles: all("role"), users: all("user") };
}
