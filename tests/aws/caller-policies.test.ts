import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { iamCallerIdentities } from "../../packages/aws/src/caller-identities.ts";
import { iamCallerWriter } from "../../packages/aws/src/caller-writer.ts";
import { iamClient, iamWriterClient } from "../../packages/aws/src/clients.ts";
import type { CallerArn } from "../../packages/core/src/arn.ts";
import { encoded, iamAnswer, iamRefusal, plain, tagList } from "./iam-wire.ts";
import { sampleCaller } from "./samples.ts";
import { startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
afterEach(() => wire.answer());

const sent = (index = 0) => Object.fromEntries(new URLSearchParams(wire.requests[index]?.body ?? ""));

const ROLE = sampleCaller("role/apps/App");
const USER = sampleCaller("user/people/ann");
const POLICY = { Version: "2012-10-17", Statement: [{ Sid: "BedrockKeyGuard1", Effect: "Allow" }] };

const KINDS = [
  ["Role", ROLE, "App"],
  ["User", USER, "ann"],
] as const;

describe.each(KINDS)("a caller that is a %s", (kind, caller, name) => {
  const identities = () => iamCallerIdentities(iamClient(wire.environment));
  const found = (arn: CallerArn) =>
    iamAnswer(
      `Get${kind}`,
      `<${kind}><Path>/</Path><${kind}Name>${name}</${kind}Name><${kind}Id>id</${kind}Id><Arn>${arn}</Arn><CreateDate>2026-11-01T10:00:00Z</CreateDate>${tagList({ "bedrock-key-guard": "off" })}</${kind}>`,
    );
  const policy = (document: string) =>
    iamAnswer(
      `Get${kind}Policy`,
      `<${kind}Name>${name}</${kind}Name><PolicyName>BedrockKeyGuard</PolicyName><PolicyDocument>${document}</PolicyDocument>`,
    );
  const seen = { kind: "found", uniqueId: "id", tags: new Map([["bedrock-key-guard", "off"]]) };

  test.each([
    ["URL-encoded", encoded(POLICY)],
    ["plain", plain(POLICY)],
  ])("is read with its tags and the guard's own policy, decoded: %s", async (_how, document) => {
    wire.answer(found(caller), policy(document));
    expect(await identities().read(caller)).toEqual({ ...seen, ownPolicy: JSON.stringify(POLICY) });
    expect(sent(0)).toMatchObject({ Action: `Get${kind}`, [`${kind}Name`]: name });
    expect(sent(1)).toMatchObject({ Action: `Get${kind}Policy`, PolicyName: "BedrockKeyGuard" });
  });

  test("may have no policy of the guard's", async () => {
    wire.answer(found(caller), iamRefusal("NoSuchEntity", 404));
    expect(await identities().read(caller)).toEqual({ ...seen, ownPolicy: undefined });
  });

  test("may have one that can't be decoded, which is not taken for none", async () => {
    wire.answer(found(caller), policy("%7B%ZZ"));
    expect(await identities().read(caller)).toEqual({ ...seen, ownPolicy: "%7B%ZZ" });
  });

  test.each([
    ["nobody has its name", [iamRefusal("NoSuchEntity", 404)]],
    ["nobody can have its name", [iamRefusal("ValidationError", 400)]],
    ["its name is another's, under another path", [found(sampleCaller(`${kind.toLowerCase()}/${name}`))]],
  ])("is gone where %s", async (_why, answers) => {
    wire.answer(...answers);
    expect(await identities().read(caller)).toEqual({ kind: "gone" });
    expect(wire.requests).toHaveLength(1);
  });

  test("may not be readable, itself or its policy", async () => {
    const denied = { kind: "denied", message: "the message of AccessDenied" };
    wire.answer(iamRefusal("AccessDenied", 403));
    expect(await identities().read(caller)).toEqual(denied);
    wire.answer(found(caller), iamRefusal("AccessDenied", 403));
    expect(await identities().read(caller)).toEqual(denied);
  });

  test("that IAM does not answer for throws", async () => {
    wire.answer(found(caller), iamRefusal("InvalidInput", 400));
    await expect(identities().read(caller)).rejects.toMatchObject({ action: `iam:Get${kind}Policy` });
    wire.answer(iamRefusal("InvalidInput", 400));
    await expect(identities().read(caller)).rejects.toMatchObject({ action: `iam:Get${kind}` });
  });
});

describe.each(KINDS)("writing to a %s", (kind, caller, name) => {
  const writer = () => iamCallerWriter(iamWriterClient(wire.environment));
  const put = () => writer().put(caller, "{}");
  const remove = () => writer().remove(caller);
  const done = (operation: string) => ({ status: 200, body: `<${operation}Response/>` });

  test("puts the guard's own policy, as it is, and no other", async () => {
    const text = '{"Version":"2012-10-17","Statement":[]}';
    wire.answer(done(`Put${kind}Policy`));
    expect(await writer().put(caller, text)).toEqual({ kind: "written" });
    expect(sent()).toEqual({
      Action: `Put${kind}Policy`,
      Version: "2010-05-08",
      [`${kind}Name`]: name,
      PolicyName: "BedrockKeyGuard",
      PolicyDocument: text,
    });
  });

  test("takes the guard's own policy away, and no other", async () => {
    wire.answer(done(`Delete${kind}Policy`));
    expect(await remove()).toEqual({ kind: "written" });
    expect(sent()).toEqual({
      Action: `Delete${kind}Policy`,
      Version: "2010-05-08",
      [`${kind}Name`]: name,
      PolicyName: "BedrockKeyGuard",
    });
  });

  test("is done where there is nothing to take away; where there is nobody to give to, it says so", async () => {
    wire.answer(iamRefusal("NoSuchEntity", 404));
    expect(await remove()).toEqual({ kind: "written" });
    expect(await put()).toEqual({ kind: "gone" });
  });

  test.each([
    "AccessDenied",
    "InvalidInput",
    "LimitExceeded",
    "MalformedPolicyDocument",
    "UnmodifiableEntity",
    "ValidationError",
  ])("gives `%s` as a refusal, by IAM's own name for it", async (code) => {
    wire.answer(iamRefusal(code));
    const refused = { kind: "refused", code, message: `the message of ${code}` };
    expect(await put()).toEqual(refused);
    expect(await remove()).toEqual(refused);
  });

  test.each(["Throttling", "ThrottlingException", "RequestLimitExceeded", "ConcurrentModification"])(
    "says of `%s` that nothing was written, and does not try again by itself",
    async (code) => {
      for (const write of [put, remove]) {
        wire.answer(iamRefusal(code));
        expect(await write()).toEqual({ kind: "throttled" });
        expect(wire.requests).toHaveLength(1);
      }
    },
  );

  test("throws what leaves open whether it was written, after one try", async () => {
    for (const [write, verb] of [
      [put, "Put"],
      [remove, "Delete"],
    ] as const) {
      wire.answer(iamRefusal("ServiceFailure", 500));
      await expect(write()).rejects.toMatchObject({ name: "AwsCallError", action: `iam:${verb}${kind}Policy` });
      expect(wire.requests).toHaveLength(1);
    }
  });
});
