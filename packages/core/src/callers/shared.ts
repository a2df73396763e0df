/**
 * Answers that are the same for everybody who holds the same policies: most of an account's identities hold few policies,
 * and many the same. Where a statement asks who calls, an identity's answers are its own.
 */
import type { PolicyDocument, Statement } from "../policy/document.ts";
import type { Voices } from "./ask.ts";

export interface Shared<Key, T> {
  /** The answers so far of all who hold these policies; to be added to. */
  of(voices: Voices): Map<Key, T>;
}

export function newShared<Key, T>(): Shared<Key, T> {
  const known = new Map<string, Map<Key, T>>();
  const numbers = new WeakMap<PolicyDocument, number>();
  let next = 0;
  const numberOf = (document: PolicyDocument) => {
    const number = numbers.get(document) ?? next++;
    numbers.set(document, number);
    return number;
  };
  return {
    of({ identity, boundary }) {
      const all = boundary ? [...identity, boundary] : identity;
      if (!all.every(({ document }) => isImpersonal(document))) return new Map();
      // The origins are part of an answer: one document may be attached to a user here, and to a user's group there.
      const holding = all.map(({ origin, document }) => [numberOf(document), origin]);
      const name = JSON.stringify(holding);
      const answers = known.get(name) ?? new Map<Key, T>();
      known.set(name, answers);
      return answers;
    },
  };
}

const IMPERSONAL = new WeakMap<PolicyDocument, boolean>();

function isImpersonal(document: PolicyDocument): boolean {
  const former = IMPERSONAL.get(document);
  if (former !== undefined) return former;
  const found = !document.statements.some(asksWhoCalls);
  IMPERSONAL.set(document, found);
  return found;
}

function asksWhoCalls({ conditions, resource }: Statement): boolean {
  const keys = conditions.map(({ key }) => key.toLowerCase());
  const texts = [...keys, ...conditions.flatMap(({ values }) => values ?? []), ...(resource?.members ?? [])];
  return keys.some((key) => /^aws:(principal|user)/.test(key)) || texts.some((text) => text.includes("${"));
}
