import { accountOf, type KeyArn } from "@bedrock-key-guard/core/arn.ts";
import { InputError } from "../input/input-error.ts";
import type { Guard, Person } from "./guard.ts";

/**
 * Who asks for it, as AWS knows them: what they do is told under this name.
 *
 * @throws InputError where the credentials belong to another account than the key, whose guard they would not reach
 */
export async function personFor(key: KeyArn, guard: Guard): Promise<Person> {
  const person = await guard.person();
  const account = accountOf(key);
  if (person.account === account) return person;
  throw new InputError(
    `the credentials are those of \`${person.arn}\`, and the key is in account \`${account}\`; use credentials of that account`,
  );
}
