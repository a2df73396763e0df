/** The account of the `--authorization-details` files: one, or the pages of one. */
import type { AccountId } from "@bedrock-key-guard/core/arn.ts";
import type { IamAccount, PolicyHolder } from "@bedrock-key-guard/core/callers/account.ts";
import { InputError } from "../input/input-error.ts";
import { nameOf } from "../input/read-text.ts";
import type { AccountPage } from "./account-page.ts";

export interface PageFile {
  readonly file: string;
  readonly page: AccountPage;
}

/**
 * @param account the agents' account: nobody else's identities can be let in by their own policies alone
 * @throws InputError where somebody is given twice, is of another account, or where the last page is missing
 */
export function accountOfPages(pages: readonly PageFile[], account: AccountId): IamAccount {
  const [first] = pages;
  if (first && pages.every(({ page }) => page.truncated)) {
    throw new InputError(
      `${nameOf(first.file)}: there are further pages, and the last one is not given; give each page with ` +
        "`--authorization-details`, or leave out `--max-items`",
    );
  }
  const seen = new Map<string, string>();
  for (const { file, page } of pages) {
    for (const { arn } of [...page.roles, ...page.users, ...page.groups] satisfies readonly PolicyHolder[]) {
      const before = seen.get(arn);
      if (before !== undefined) {
        throw new InputError(
          `${nameOf(file)}: \`${arn}\` is given twice, in ${nameOf(before)} too; give each page once`,
        );
      }
      seen.set(arn, file);
      const [, , , , owner] = arn.split(":");
      if (owner !== account) {
        throw new InputError(
          `${nameOf(file)}: \`${arn}\` is of account ${owner}, and the agents are of ${account}; give the agents' account`,
        );
      }
    }
  }
  const all = <T>(pick: (page: AccountPage) => readonly T[]) => pages.flatMap(({ page }) => pick(page));
  return {
    id: account,
    roles: all(({ roles }) => roles),
    users: all(({ users }) => users),
    groups: new Map(all(({ groups }) => groups).map((group) => [group.name, group])),
    managed: new Map(all(({ managed }) => managed).map(({ arn, policy }) => [arn, policy])),
  };
}
