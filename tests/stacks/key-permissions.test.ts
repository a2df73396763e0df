import { describe, expect, test } from "vitest";
import { keyPermissions } from "../../stacks/key-permissions.ts";
import type { Place } from "../../stacks/place.ts";
import { settingsFor } from "../../stacks/settings.ts";

const place: Place = {
  partition: "aws-us-gov",
  region: "us-gov-west-1",
  account: "111122223333",
  app: "guard",
  prefix: "guard-x",
};
const settings = settingsFor("local");
const NAME = "guard-x-reconcile";
const write = (statements: ReturnType<typeof keyPermissions>) =>
  statements.filter(({ Effect, Action }) => Effect === "Allow" && Action === "kms:PutKeyPolicy");

describe("what the reconciler may do with keys", () => {
  test("is bound to the keys of its account, Region and partition", () => {
    const allowed = keyPermissions(place, settings, NAME).filter(({ Effect }) => Effect === "Allow");
    expect(new Set(allowed.map(({ Resource }) => Resource))).toEqual(
      new Set(["arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/*"]),
    );
  });

  test("is to write to symmetric encryption keys, tagged or not", () => {
    expect(write(keyPermissions(place, settings, NAME)).map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { "kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT" } },
    ]);
  });

  test("is to write to keys with the opt-in tag only, where the settings name one", () => {
    const optIn = { key: "bedrock-key-guard-may", value: "write" };
    const statements = keyPermissions(place, { ...settings, tags: { ...settings.tags, optIn } }, NAME);
    expect(write(statements).map(({ Condition }) => Condition)).toEqual([
      {
        StringEquals: {
          "kms:KeySpec": "SYMMETRIC_DEFAULT",
          "kms:KeyUsage": "ENCRYPT_DECRYPT",
          "aws:ResourceTag/bedrock-key-guard-may": "write",
        },
      },
    ]);
  });

  test("is not to decrypt anything but the variables of the function of that name", () => {
    const denies = keyPermissions(place, settings, NAME).filter(
      ({ Effect, Action }) => Effect === "Deny" && [Action].flat().some((action) => /^kms:(Decrypt|\*)/.test(action)),
    );
    expect(denies.map(({ Action, Resource, Condition }) => ({ Action, Resource, Condition }))).toEqual([
      {
        Action: "kms:Decrypt",
        Resource: "*",
        Condition: {
          StringNotEquals: {
            "kms:EncryptionContext:aws:lambda:FunctionArn":
              "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:guard-x-reconcile",
          },
        },
      },
    ]);
  });
});
