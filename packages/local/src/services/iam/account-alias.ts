import { allow, type IamOperation } from "./call.ts";

/** The account of the local AWS is called by a name that nobody takes for a real one. */
const ALIAS = "local-test";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html */
export const listAccountAliases: IamOperation = {
  writes: false,
  run(call) {
    allow(call, "iam:ListAccountAliases", "*");
    return { IsTruncated: "false", AccountAliases: [ALIAS] };
  },
};
