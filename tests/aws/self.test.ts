/** What the guard asks about itself, against the local CloudTrail's and SNS's wire protocols. */
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { snsSubscribers } from "../../packages/aws/src/subscribers.ts";
import { cloudTrails } from "../../packages/aws/src/trails.ts";
import { judgeTrails } from "../../packages/core/src/self/trails.ts";
import type { Caller } from "../../packages/local/src/contract.ts";
import { healthyTrail } from "../../packages/local/src/services/cloudtrail.ts";
import { account, admin, type Harness, region, role, startHarness } from "../local/services/harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.stop());

/** As the guard in eu-west-1 reads them. @returns the Regions of its clients too */
async function read(caller: Caller = admin) {
  const regions: string[] = [];
  const credentials = harness.credentials(caller);
  const trails = cloudTrails(region, (home) => {
    regions.push(home);
    return new CloudTrailClient({ endpoint: harness.endpoint, region: home, credentials, maxAttempts: 1 });
  });
  const reading = await trails.read();
  const verdict = reading.kind === "read" ? judgeTrails(reading.trails, region) : undefined;
  return { reading, regions, verdict };
}

const only = (...trails: ReturnType<typeof healthyTrail>[]) =>
  harness.world.trails.splice(0, harness.world.trails.length, ...trails);

describe("trails", () => {
  test("are read as they say of themselves", async () => {
    const { reading, verdict } = await read();
    expect(reading).toEqual({
      kind: "read",
      trails: [
        {
          arn: `arn:aws:cloudtrail:${region}:${account}:trail/management-events`,
          homeRegion: region,
          multiRegion: true,
          organization: false,
          logging: "yes",
          selectors: {
            kind: "basic",
            selectors: [{ readWriteType: "All", includeManagementEvents: true, excludedSources: [] }],
          },
        },
      ],
    });
    expect(verdict).toEqual({ kind: "complete" });
  });

  test("of another Region are asked there: elsewhere CloudTrail says that there is no such trail", async () => {
    only(healthyTrail(account, "us-east-1"));
    const { verdict, regions } = await read();
    expect(verdict).toEqual({ kind: "complete" });
    expect(regions).toEqual([region, "us-east-1"]);
    const elsewhere = cloudTrails(region, () => {
      const credentials = harness.credentials(admin);
      return new CloudTrailClient({ endpoint: harness.endpoint, region, credentials, maxAttempts: 1 });
    });
    const reading = await elsewhere.read();
    expect(reading).toMatchObject({ trails: [{ logging: "yes", selectors: { kind: "unknown" } }] });
  });

  test("of another Region alone are not listed", async () => {
    only({ ...healthyTrail(account, "us-east-1"), multiRegion: false });
    expect((await read()).verdict).toEqual({ kind: "not-logging", stopped: [] });
  });

  test("of an organization are not read from a member account, which is no failure", async () => {
    only({ ...healthyTrail("999988887777", region), organization: true });
    const { reading, verdict } = await read();
    expect(reading).toMatchObject({
      trails: [{ organization: true, logging: "unknown", selectors: { kind: "unknown" } }],
    });
    expect(verdict).toMatchObject({ kind: "unknown", reason: expect.stringContaining("AccountID in ARN is wrong") });
  });

  test("are read with advanced selectors, with the operators that they use", async () => {
    const FieldSelectors = [
      { Field: "eventCategory", Equals: ["Management"] },
      { Field: "eventSource", NotEquals: ["kms.amazonaws.com"] },
      { Field: "eventName", NotStartsWith: ["Get"] },
    ];
    only({ ...healthyTrail(account, region), selectors: { AdvancedEventSelectors: [{ FieldSelectors }] } });
    const { reading, verdict } = await read();
    const none = { equals: [], notEquals: [], otherwise: false };
    expect(reading).toMatchObject({
      trails: [
        {
          selectors: {
            kind: "advanced",
            selectors: [
              [
                { ...none, field: "eventCategory", equals: ["Management"] },
                { ...none, field: "eventSource", notEquals: ["kms.amazonaws.com"] },
                { ...none, field: "eventName", otherwise: true },
              ],
            ],
          },
        },
      ],
    });
    expect(verdict).toMatchObject({ kind: "incomplete", missing: ["kms.amazonaws.com"] });
  });

  test("that answer with no selectors at all are not known", async () => {
    only({ ...healthyTrail(account, region), selectors: {} });
    expect((await read()).verdict).toMatchObject({ kind: "unknown" });
  });

  test("that may not be listed are denied; one that may not be read is not known", async () => {
    expect((await read(role("Nobody", []))).reading).toMatchObject({ kind: "denied" });
    const lists = role("Lists", [{ Effect: "Allow", Action: "cloudtrail:DescribeTrails", Resource: "*" }]);
    expect((await read(lists)).reading).toMatchObject({
      trails: [
        { logging: "unknown", selectors: { kind: "unknown", reason: expect.stringContaining("not authorized") } },
      ],
    });
  });

  test("are not made up where CloudTrail does not answer", async () => {
    harness.world.failNext({
      service: "cloudtrail",
      operation: "GetTrailStatus",
      times: 1,
      error: { code: "ThrottlingException", message: "Rate exceeded" },
    });
    await expect(read()).rejects.toThrow("`cloudtrail:GetTrailStatus` on `arn:aws:cloudtrail:");
  });
});

describe("subscribers", () => {
  test("that have not confirmed are found on every topic and page, each once", async () => {
    const asked: string[] = [];
    const pages: Readonly<Record<string, readonly object[]>> = {
      "arn:a": [
        { Subscriptions: [member("PendingConfirmation", "b@example.com")], NextToken: "2" },
        { Subscriptions: [member("arn:a:1", "confirmed@example.com"), member("PendingConfirmation", "a@example.com")] },
      ],
      "arn:b": [
        { Subscriptions: [member("PendingConfirmation", "a@example.com"), member("Deleted", "gone@example.com")] },
      ],
    };
    const client = new SNSClient({ region, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
    onTestFinished(() => client.destroy());
    client.middlewareStack.add(
      () => async (args) => {
        const { TopicArn = "", NextToken = "1" } = args.input as { TopicArn?: string; NextToken?: string };
        asked.push(`${TopicArn} ${NextToken}`);
        const output = { ...pages[TopicArn]?.[Number(NextToken) - 1], $metadata: {} };
        return { output, response: undefined } as never;
      },
      { step: "initialize" },
    );
    expect(await snsSubscribers(client, ["arn:a", "arn:b"]).unconfirmed()).toEqual(["a@example.com", "b@example.com"]);
    expect(asked).toEqual(["arn:a 1", "arn:a 2", "arn:b 1"]);
  });
});

function member(SubscriptionArn: string, Endpoint: string): object {
  return { SubscriptionArn, Endpoint, Protocol: "email" };
}
