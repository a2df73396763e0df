import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { iamDirectoryClient } from "../../packages/aws/src/clients.ts";
import { isTransient } from "../../packages/aws/src/errors.ts";
import { iamAccountDirectory } from "../../packages/aws/src/iam-account.ts";
import { accountOf } from "../../packages/core/src/arn.ts";
import { type IamAccount, readPolicyText } from "../../packages/core/src/callers/account.ts";
import { type EntityXml, encoded, iamRefusal, page, plain } from "./iam-wire.ts";
import { sampleKey } from "./samples.ts";
import { startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
afterEach(() => wire.answer());

const account = accountOf(sampleKey());
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const directory = () => iamAccountDirectory(iamDirectoryClient(wire.environment), account);

async function read(): Promise<IamAccount> {
  const reading = await directory().read();
  if (reading.kind !== "read") throw new Error("it was not read");
  return reading.account;
}

/** A document that is as any other but for its one action. */
const document = (action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: "*" }],
});
const textOf = (action: string) => readPolicyText(JSON.stringify(document(action)));

const READS = iam("policy/teams/Reads");
const LIMITS = iam("policy/Limits");
const AWS_MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess";

describe("an account's IAM", () => {
  test("is its roles, users, groups and managed policies", async () => {
    wire.answer(
      page({
        roles: [
          {
            arn: iam("role/service-role/deep/App"),
            id: "AROAAPP",
            inline: { invoke: encoded(document("bedrock:InvokeAgent")) },
            attached: [READS, AWS_MANAGED],
            tags: { team: "blue & <green>", empty: "" },
            boundary: LIMITS,
          },
        ],
        users: [{ arn: iam("user/ann"), id: "AIDAANN", groups: ["admins", "readers"] }],
        groups: [{ arn: iam("group/people/admins"), inline: { all: encoded(document("*")) }, attached: [READS] }],
        managed: {
          [READS]: [encoded(document("s3:Get*"))],
          [LIMITS]: [encoded(document("kms:*"))],
          [AWS_MANAGED]: [encoded(document("iam:Get*"))],
        },
      }),
    );
    expect(await read()).toEqual({
      id: account,
      roles: [
        {
          kind: "role",
          uniqueId: "AROAAPP",
          arn: iam("role/service-role/deep/App"),
          name: "App",
          path: "/service-role/deep/",
          inline: [{ name: "invoke", policy: textOf("bedrock:InvokeAgent") }],
          attached: [READS, AWS_MANAGED],
          tags: new Map([
            ["team", "blue & <green>"],
            ["empty", ""],
          ]),
          boundary: LIMITS,
        },
      ],
      users: [
        {
          kind: "user",
          uniqueId: "AIDAANN",
          arn: iam("user/ann"),
          name: "ann",
          path: "/",
          inline: [],
          attached: [],
          tags: new Map(),
          boundary: undefined,
          groups: ["admins", "readers"],
        },
      ],
      groups: new Map([
        [
          "admins",
          {
            arn: iam("group/people/admins"),
            name: "admins",
            inline: [{ name: "all", policy: textOf("*") }],
            attached: [READS],
          },
        ],
      ]),
      managed: new Map([
        [READS, textOf("s3:Get*")],
        [LIMITS, textOf("kms:*")],
        [AWS_MANAGED, textOf("iam:Get*")],
      ]),
    });
    expect(wire.requests[0]?.body).toContain("MaxItems=1000");
  });

  test("is all of its pages", async () => {
    const roles = [1, 2, 3].map((n): EntityXml => ({ arn: iam(`role/R${n}`), attached: [READS] }));
    wire.answer(
      page({ roles: roles.slice(0, 1), marker: "a/b=" }),
      page({ roles: roles.slice(1, 2), marker: "c" }),
      page({ roles: roles.slice(2), managed: { [READS]: [encoded(document("s3:Get*"))] } }),
    );
    const found = await read();
    expect(found.roles.map(({ name }) => name)).toEqual(["R1", "R2", "R3"]);
    expect(found.managed.get(READS)).toEqual(textOf("s3:Get*"));
    const markers = wire.requests.map(({ body }) => new URLSearchParams(body).get("Marker"));
    expect(markers).toEqual([null, "a/b=", "c"]);
  });

  test("has documents URL-encoded or plain, and keeps those that are neither as what they are", async () => {
    const inline = { encoded: encoded(document("a:B")), plain: plain(document("a:B")), broken: "%7B%ZZ", cut: "%7B" };
    wire.answer(page({ roles: [{ arn: iam("role/R"), inline }] }));
    const policies = (await read()).roles[0]?.inline.map(({ policy }) => policy);
    expect(policies?.slice(0, 2)).toEqual([textOf("a:B"), textOf("a:B")]);
    expect(policies?.slice(2).map(({ kind }) => kind)).toEqual(["unreadable", "unreadable"]);
  });

  test("has the percent signs, plus signs and letters of its documents as they are, decoded once", async () => {
    const resource = "arn:aws:s3:::a%20b/100%/%7B%25/c+d/é";
    const text = { ...document("s3:Get*"), Statement: [{ Effect: "Allow", Action: "s3:Get*", Resource: resource }] };
    const inline = { encoded: encoded(text), plain: plain(text) };
    wire.answer(page({ roles: [{ arn: iam("role/R"), inline }] }));
    for (const { policy } of (await read()).roles[0]?.inline ?? []) {
      expect(policy).toEqual(readPolicyText(JSON.stringify(text)));
      expect(policy).toMatchObject({ document: { statements: [{ resource: { members: [resource] } }] } });
    }
  });

  test("has of a managed policy the default version, and none of those that nobody has", async () => {
    const versions = ["s3:Get*", "s3:*", "s3:Old*"].map((action) => encoded(document(action)));
    wire.answer(
      page({
        roles: [{ arn: iam("role/R"), attached: [READS] }],
        managed: { [READS]: versions, [LIMITS]: [encoded(document("kms:*"))] },
      }),
    );
    expect((await read()).managed).toEqual(new Map([[READS, textOf("s3:Get*")]]));
  });

  test("has a managed policy without a default version as one that can't be read", async () => {
    wire.answer(page({ roles: [{ arn: iam("role/R"), attached: [READS] }], managed: { [READS]: [] } }));
    expect((await read()).managed.get(READS)?.kind).toBe("unreadable");
  });

  test("has equal documents as one object, on whichever page and of whomever they are", async () => {
    const same = encoded(document("a:B"));
    wire.answer(
      page({ roles: [{ arn: iam("role/R1"), inline: { p: same } }], marker: "more" }),
      page({
        roles: [{ arn: iam("role/R2"), inline: { q: same }, attached: [READS] }],
        managed: { [READS]: [same] },
      }),
    );
    const { roles, managed } = await read();
    const [first, second] = roles.map(({ inline }) => inline[0]?.policy);
    expect(second).toBe(first);
    expect(managed.get(READS)).toBe(first);
  });
});

describe("a reading of an account's IAM", () => {
  test.each([
    ["the first", [iamRefusal("AccessDenied", 403)]],
    ["a later", [page({ roles: [{ arn: iam("role/R") }], marker: "more" }), iamRefusal("AccessDenied", 403)]],
  ])("that is refused on %s page is refused", async (_which, answers) => {
    wire.answer(...answers);
    expect(await directory().read()).toEqual({ kind: "denied", message: "the message of AccessDenied" });
  });

  test.each([
    ["a role without an arn", { roles: [{ arn: "", name: "R" }] }, "a role has the arn `` and the name `R`"],
    ["a role without a name", { roles: [{ arn: iam("role/R"), name: "" }] }, "and the name ``"],
    ["a role whose name is another", { roles: [{ arn: iam("role/R"), name: "S" }] }, "and the name `S`"],
    ["a user in the place of a role", { roles: [{ arn: iam("user/R") }] }, "a role has the arn"],
    ["a user of another account", { users: [{ arn: "arn:aws:iam::999999999999:user/u" }] }, "a user has the arn"],
    ["a group without an arn", { groups: [{ arn: "", name: "g" }] }, "a group has the arn"],
    ["an attachment without an arn", { roles: [{ arn: iam("role/R"), attached: [""] }] }, "without an arn"],
    ["a boundary without an arn", { users: [{ arn: iam("user/u"), boundary: "" }] }, "without an arn"],
    ["an inline policy without a name", { users: [{ arn: iam("user/u"), inline: { "": "{}" } }] }, "without a name"],
    ["a managed policy without an arn", { managed: { "": [encoded(document("a:B"))] } }, "has no arn"],
    ["no way to the next page", { truncated: true }, "there is more, and not where"],
  ])("with %s throws, rather than leaving something out", async (_what, content, says) => {
    wire.answer(page(content));
    await expect(directory().read()).rejects.toMatchObject({
      name: "UnreadableAccountError",
      message: expect.stringContaining(says),
    });
  });

  test("that never ends throws", async () => {
    wire.answer(page({ marker: "again" }));
    await expect(directory().read()).rejects.toThrow("again and again");
    expect(wire.requests.length).toBe(2);
  });

  test("that IAM throttles is tried again, and one that fails otherwise throws", async () => {
    wire.answer(iamRefusal("Throttling", 400), page({ roles: [{ arn: iam("role/R") }] }));
    expect((await read()).roles).toHaveLength(1);
    wire.answer(iamRefusal("InvalidInput", 400));
    const thrown = await directory()
      .read()
      .then(undefined, (error: unknown) => error);
    expect(thrown).toMatchObject({ name: "AwsCallError", action: "iam:GetAccountAuthorizationDetails" });
    expect(isTransient(thrown)).toBe(false);
  });
});
