import { type IAMClient, paginateGetAccountAuthorizationDetails } from "@aws-sdk/client-iam";
import type { AccountId } from "@bedrock-key-guard/core/arn.ts";
import type { AccountDirectory, AccountReading } from "@bedrock-key-guard/core/callers/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError, errorMessage, isAccessDenied } from "./errors.ts";
import { newAccountReader, UnreadableAccountError } from "./iam-account-page.ts";

const ACTION = "iam:GetAccountAuthorizationDetails";

export const accountDirectoryActions = { read: [ACTION] } as const satisfies ActionsOf<AccountDirectory>;

/** The most that IAM takes; it may give fewer, whatever is asked for. */
const PAGE_SIZE = 1_000;

/**
 * Reads the account page by page; of a page nothing is kept but what it says. A refusal on any page is a refusal of the
 * whole: half an account would pass for one in which the others are gone.
 *
 * @param account - the client's own: IAM tells of no other
 */
export function iamAccountDirectory(client: IAMClient, account: AccountId): AccountDirectory {
  return {
    async read(): Promise<AccountReading> {
      const reader = newAccountReader(account);
      let marker: string | undefined;
      let more = false;
      try {
        for await (const page of paginateGetAccountAuthorizationDetails({ client, pageSize: PAGE_SIZE }, {})) {
          reader.take(page);
          more = page.IsTruncated === true;
          if (page.Marker !== undefined && page.Marker === marker) {
            throw new UnreadableAccountError("it names one page as the next again and again");
          }
          marker = page.Marker;
        }
      } catch (error) {
        if (isAccessDenied(error)) return { kind: "denied", message: errorMessage(error) };
        throw error instanceof UnreadableAccountError ? error : new AwsCallError(ACTION, `account ${account}`, error);
      }
      if (more) throw new UnreadableAccountError("it says that there is more, and not where");
      return { kind: "read", account: reader.account() };
    },
  };
}
