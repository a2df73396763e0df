/** The adapters for callers on the local AWS: what they write they read back, alone and in the account as a whole. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { iamCallerIdentities } from "../../packages/aws/src/caller-identities.ts";
import { iamCallerWriter } from "../../packages/aws/src/caller-writer.ts";
import { iamAccountDirectory } from "../../packages/aws/src/iam-account.ts";
import type { AccountId, CallerArn } from "../../packages/core/src/arn.ts";
import { readPolicyText } from "../../packages/core/src/callers/account.ts";
import { OWN_POLICY } from "../../packages/core/src/callers/own-policy.ts";
import { readEvent } from "../../packages/functions/src/cloudtrail.ts";
import { account, admin, type Harness, role, startHarness } from "../local/services/harness.ts";

let aws: Harness;
beforeEach(async () => {
  aws = await startHarness();
});
afterEach(() => aws.stop());

const arn = (resource: string) => `arn:aws:iam::${account}:${resource}` as CallerArn;
const OTHER = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" }] };
/** With characters that URL-encoding treats in its own ways. */
const TEXT = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "BedrockKeyGuard0",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: "*",
      Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": "(b*c)! 'd+e%20' ~" } },
    },
  ],
});

test.each(["role/apps/App", "user/people/ann"])(
  "a caller's policy is put, read and taken away: %s",
  async (resource) => {
    const caller = arn(resource);
    const more = { tags: { team: "blue" } };
    if (resource.startsWith("role")) aws.world.plantRole(caller, { other: OTHER }, more);
    else aws.world.plantUser(caller, { other: OTHER }, more);
    const iam = aws.iam(admin);
    const identities = iamCallerIdentities(iam);
    const writer = iamCallerWriter(iam);
    const directory = iamAccountDirectory(iam, account as AccountId);
    const inAccount = async () => {
      const reading = await directory.read();
      if (reading.kind !== "read") throw new Error("it was not read");
      const { roles, users } = reading.account;
      return [...roles, ...users].find((one) => one.arn === caller);
    };
    const policiesOf = async () => {
      const found = await inAccount();
      return new Map(found?.inline.map(({ name, policy }) => [name, policy]));
    };
    // One by both calls, so that they can be compared.
    const { uniqueId } = (await inAccount()) ?? {};
    expect(uniqueId).toMatch(/^A(ROA|IDA)/);
    const seen = { kind: "found", uniqueId, tags: new Map([["team", "blue"]]) };

    expect(await identities.read(caller)).toEqual({ ...seen, ownPolicy: undefined });
    expect(await writer.put(caller, TEXT)).toEqual({ kind: "written" });
    expect(await identities.read(caller)).toEqual({ ...seen, ownPolicy: TEXT });
    const other = readPolicyText(JSON.stringify(OTHER));
    expect(await policiesOf()).toEqual(
      new Map([
        ["other", other],
        [OWN_POLICY, readPolicyText(TEXT)],
      ]),
    );
    expect(await writer.remove(caller)).toEqual({ kind: "written" });
    expect(await writer.remove(caller)).toEqual({ kind: "written" });
    expect(await policiesOf()).toEqual(new Map([["other", other]]));

    const names = aws.records.map((detail) => {
      const reading = readEvent(
        { "detail-type": "AWS API Call via CloudTrail", account, detail },
        account as AccountId,
      );
      return reading.kind === "event" ? reading.event.cause.eventName : reading.kind;
    });
    const kind = resource.startsWith("role") ? "Role" : "User";
    const changes = names.filter((name) => name !== "ignored");
    expect(changes).toEqual([`Put${kind}Policy`, `Delete${kind}Policy`]);
  },
);

test("a caller that is not there is gone, and an account that may not be read is denied", async () => {
  const caller = arn("role/Nobody");
  expect(await iamCallerIdentities(aws.iam(admin)).read(caller)).toEqual({ kind: "gone" });
  expect(await iamCallerWriter(aws.iam(admin)).put(caller, TEXT)).toEqual({ kind: "gone" });
  const weak = aws.iam(role("Weak", []));
  expect((await iamAccountDirectory(weak, account as AccountId).read()).kind).toBe("denied");
});
