import { describe, expect, test } from "vitest";
import { callerPermissions } from "../../stacks/caller-permissions.ts";
import { iamHome } from "../../stacks/iam-home.ts";
import type { Place } from "../../stacks/place.ts";
import { MODES, type Settings, settingsFor } from "../../stacks/settings.ts";

const place: Place = {
  partition: "aws-us-gov",
  region: "us-gov-west-1",
  account: "111122223333",
  app: "guard",
  prefix: "guard-x",
};
const base = settingsFor("local");
const permissions = (changes: Partial<Settings>) => callerPermissions(place, { ...base, ...changes });
const writes = (changes: Partial<Settings>) =>
  permissions(changes).filter(
    ({ Effect, Action }) => Effect === "Allow" && [Action].flat().some((action) => !/^iam:Get/.test(action)),
  );

describe("what the callers function may do in IAM", () => {
  test.each(MODES.filter((mode) => mode !== "enforce"))("is to read it, in mode `%s`", (mode) => {
    expect(permissions({ callers: { mode, writesPerHour: 50 } })).toEqual([
      { Sid: "ReadIam", Effect: "Allow", Action: "iam:GetAccountAuthorizationDetails", Resource: "*" },
    ]);
  });

  test("is to write inline policies of its account and partition, in mode `enforce`", () => {
    expect(writes({}).map(({ Action, Resource, Condition }) => ({ Action, Resource, Condition }))).toEqual([
      {
        Action: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
        Resource: "arn:aws-us-gov:iam::111122223333:role/*",
        Condition: undefined,
      },
      {
        Action: ["iam:PutUserPolicy", "iam:DeleteUserPolicy"],
        Resource: "arn:aws-us-gov:iam::111122223333:user/*",
        Condition: undefined,
      },
    ]);
  });

  test("is to write to roles and users with the opt-in tag only, where the settings name one", () => {
    const optIn = { key: "bedrock-key-guard-may", value: "write" };
    expect(writes({ tags: { ...base.tags, optIn } }).map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { "aws:ResourceTag/bedrock-key-guard-may": "write" } },
      { StringEquals: { "aws:ResourceTag/bedrock-key-guard-may": "write" } },
    ]);
  });

  test("is bound by Denies that hold whatever the tags are", () => {
    const optIn = { key: "bedrock-key-guard-may", value: "write" };
    const denies = permissions({ tags: { ...base.tags, optIn } }).filter(({ Effect }) => Effect === "Deny");
    expect(denies.map(({ Sid, Condition }) => [Sid, Condition])).toEqual([
      ["NeverTheGuardsRolesNorReservedOnes", undefined],
      ["NeverActAsAnother", undefined],
      ["NeverChangeIamOtherwise", undefined],
      ["NeverUseOrManageKeys", undefined],
    ]);
    expect(denies[0]?.Resource).toEqual([
      "arn:aws-us-gov:iam::111122223333:role/guard-*",
      "arn:aws-us-gov:iam::111122223333:role/aws-service-role/*",
      "arn:aws-us-gov:iam::111122223333:role/aws-reserved/*",
    ]);
  });
});

describe("the Region where IAM's events arrive", () => {
  test.each([
    ["aws", "us-east-1"],
    ["aws-us-gov", "us-gov-west-1"],
    ["aws-cn", "cn-north-1"],
  ])("of partition `%s` is %s", (partition, region) => {
    expect(iamHome(partition)).toBe(region);
  });

  test.each(["aws-iso", "constructor"])("of partition `%s` is not guessed", (partition) => {
    expect(() => iamHome(partition)).toThrow(/in partition `[\w-]+` it is not known .*`callers.mode: "off"`/);
  });
});
