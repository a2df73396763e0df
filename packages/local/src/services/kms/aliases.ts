import { ServiceError } from "../shared/errors.ts";
import { optionalNumber, optionalText, requiredText } from "../shared/input.ts";
import { type KmsOperation, requireKey, requirePermission } from "./call.ts";

const NAME = /^alias\/[\w/-]{1,250}$/;
const MOST = 100;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const createAlias: KmsOperation = {
  writes: true,
  run(call) {
    const name = requiredText(call.input, "AliasName");
    if (!NAME.test(name) || name.startsWith("alias/aws/")) {
      throw new ServiceError("InvalidAliasNameException", `\`${name}\` is not an alias's name`);
    }
    const key = requireKey(call, { action: "kms:CreateAlias" }, requiredText(call.input, "TargetKeyId"));
    const all = call.emulation.keys.all();
    if (all.some(({ account, aliases }) => account === key.account && aliases.has(name))) {
      throw new ServiceError("AlreadyExistsException", `An alias with the name ${name} already exists`);
    }
    key.aliases.add(name);
    return {};
  },
};

/** Of one key, or of all. IAM lets one list all or none. */
export const listAliases: KmsOperation = {
  writes: false,
  run(call) {
    requirePermission(call, "kms:ListAliases");
    const { emulation, input } = call;
    const most = optionalNumber(input, "Limit", 1, MOST) ?? MOST;
    const of = optionalText(input, "KeyId");
    const keys = emulation.keys
      .all()
      .filter(({ arn, id, account }) => (of === undefined ? account === emulation.account : arn === of || id === of));
    if (of !== undefined && keys.length === 0)
      throw new ServiceError("NotFoundException", `Key '${of}' does not exist`);
    const aliases = keys.flatMap((key) =>
      [...key.aliases].map((name) => ({
        AliasName: name,
        AliasArn: `arn:aws:kms:${key.region}:${key.account}:${name}`,
        TargetKeyId: key.id,
      })),
    );
    return { Aliases: aliases.slice(0, most), Truncated: aliases.length > most };
  },
};
