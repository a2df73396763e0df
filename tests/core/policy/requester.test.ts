import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountOfRequester, type Requester, requesterOf } from "../../../packages/core/src/policy/request.ts";

const account = "111122223333";

describe("reading who asks", () => {
  test.each<[string, Requester]>([
    ["*", { kind: "anonymous" }],
    ["bedrock.amazonaws.com", { kind: "service", name: "bedrock.amazonaws.com" }],
    ["logs.eu-west-1.amazonaws.com", { kind: "service", name: "logs.eu-west-1.amazonaws.com" }],
    [`arn:aws:iam::${account}:root`, { kind: "root", partition: "aws", account }],
    [`arn:aws-cn:iam::${account}:root`, { kind: "root", partition: "aws-cn", account }],
    [`arn:aws:iam::${account}:role/R`, { kind: "role", arn: `arn:aws:iam::${account}:role/R`, account }],
    [`arn:aws:iam::${account}:role/a/b/R`, { kind: "role", arn: `arn:aws:iam::${account}:role/a/b/R`, account }],
    [`arn:aws:iam::${account}:user/a/U`, { kind: "user", arn: `arn:aws:iam::${account}:user/a/U`, account }],
    [
      `arn:aws:sts::${account}:assumed-role/R/s@1`,
      {
        kind: "session",
        arn: `arn:aws:sts::${account}:assumed-role/R/s@1`,
        account,
        roleName: "R",
        sessionName: "s@1",
      },
    ],
    [
      `arn:aws:sts::${account}:federated-user/bob`,
      { kind: "federated", arn: `arn:aws:sts::${account}:federated-user/bob`, account },
    ],
  ])("takes `%s`", (text, requester) => {
    expect(requesterOf(text)).toEqual(requester);
  });

  test.each([
    "",
    "bedrock",
    "**",
    account,
    "not a service.amazonaws.com",
    "bedrock.amazonaws.com/agent",
    `arn:aws:iam::${account}:group/G`,
    `arn:aws:iam::${account}:role`,
    `arn:aws:iam::${account}:user`,
    `arn:aws:sts::${account}:assumed-role`,
    `arn:aws:sts::${account}:federated-user`,
    `arn:aws:iam::${account}:role/`,
    `arn:aws:iam::${account}:role//R`,
    `arn:aws:iam::${account}:root/x`,
    `arn:aws:iam::${account}:saml-provider/P`,
    `arn:aws:iam:eu-west-1:${account}:role/R`,
    "arn:aws:iam::1111:role/R",
    `arn:aws:iam::${account}0:role/R`,
    `arn:elsewhere:iam::${account}:role/R`,
    `arn:aws2:iam::${account}:role/R`,
    `arn:laws:iam::${account}:role/R`,
    `arn:aws:sts::${account}:assumed-role/R`,
    `arn:aws:sts::${account}:assumed-role/R/s/t`,
    `arn:aws:sts::${account}:federated-user/a/b`,
    `arn:aws:sts::${account}:role/R`,
    `arn:aws:iam::${account}:assumed-role/R/s`,
    `arn:aws:kms:eu-west-1:${account}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`,
    `arn:aws:iam::${account}:user/a b`,
  ])("takes nobody for `%s`", (text) => {
    expect(requesterOf(text)).toBeUndefined();
  });

  test("never throws, whatever the text is", () => {
    fc.assert(fc.property(fc.string(), (text) => void requesterOf(text)));
  });

  test("gives a service and an anonymous caller no account, and everyone else the ARN's", () => {
    const accounts = ["*", "bedrock.amazonaws.com", `arn:aws:iam::${account}:root`, `arn:aws:iam::${account}:user/U`]
      .flatMap((text) => requesterOf(text) ?? [])
      .map(accountOfRequester);
    expect(accounts).toEqual([undefined, undefined, account, account]);
  });
});
