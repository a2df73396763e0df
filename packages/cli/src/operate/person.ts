import { accountOf } from "@bedrock-key-guard/core/arn.ts";
import { InputError } from "../input/input-error.ts";
import type { Guard, Person } from "./guard.ts";
import { nounOf, type Subject } from "./subject.ts";

/**
 * Who asks for it, as AWS knows them: what they do is told under this name.
 *
 * @throws InputError where the credentials belong to another account than the key, role or user, whose guard they would not reach
 */
export async function personFor(subject: Subject, guard: Guard): Promise<Person> {
  const person = await guard.person();
  const account = accountOf(subject.arn);
  if (person.account === account) return person;
  throw new InputError(
    `the credentials are those of \`${person.arn}\`, and the ${nounOf(subject)} is in account \`${account}\`; use credentials of that account`,
  );
}
