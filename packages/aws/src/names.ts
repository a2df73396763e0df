import { type IAMClient, ListAccountAliasesCommand } from "@aws-sdk/client-iam";
import { type KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import type { Names } from "@bedrock-key-guard/core/alert/ports.ts";
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError } from "./errors.ts";

export const namesActions = {
  accountAlias: ["iam:ListAccountAliases"],
  keyAliases: ["kms:ListAliases"],
} as const satisfies ActionsOf<Names>;

/** More names of one key nobody reads. */
const MOST = 5;

/** The account's alias is read once: it hardly changes while a function lives. */
export function awsNames(iam: IAMClient, kms: KMSClient): Names {
  let alias: Promise<string | undefined> | undefined;
  return {
    accountAlias() {
      alias ??= readAccountAlias(iam).catch((error) => {
        alias = undefined;
        throw error;
      });
      return alias;
    },

    async keyAliases(key: KeyArn): Promise<readonly string[]> {
      try {
        const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId: key, Limit: MOST }));
        return Aliases.flatMap(({ AliasName }) => AliasName ?? []);
      } catch (error) {
        throw new AwsCallError("kms:ListAliases", key, error);
      }
    },
  };
}

/** An account has one at most. */
async function readAccountAlias(iam: IAMClient): Promise<string | undefined> {
  try {
    const { AccountAliases = [] } = await iam.send(new ListAccountAliasesCommand({}));
    return AccountAliases[0];
  } catch (error) {
    throw new AwsCallError("iam:ListAccountAliases", "*", error);
  }
}
