/** Policies say who may do what: they are told where a person is to act on them, and never by a log or an error. */
import { inspect } from "node:util";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { iamCallerIdentities } from "../../packages/aws/src/caller-identities.ts";
import { dynamoCallerHistory, dynamoCallerJournal } from "../../packages/aws/src/caller-journal.ts";
import { iamCallerWriter } from "../../packages/aws/src/caller-writer.ts";
import { iamClient, iamDirectoryClient, iamWriterClient } from "../../packages/aws/src/clients.ts";
import { iamAccountDirectory } from "../../packages/aws/src/iam-account.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import { accountOf } from "../../packages/core/src/arn.ts";
import { makeLogger } from "../../packages/functions/src/lib/logger.ts";
import { startTable } from "./dynalite.ts";
import { encoded, iamAnswer, iamRefusal, page } from "./iam-wire.ts";
import { sampleCaller, sampleCallerEntry, sampleKey } from "./samples.ts";
import { startWire, type Wire, type WireAnswer } from "./wire.ts";

let wire: Wire;
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  [wire, table] = await Promise.all([startWire(), startTable()]);
});
afterAll(() => Promise.all([wire.stop(), table.stop()]));
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");

const SECRET = "TopSecretBucket";
const POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:*", Resource: `arn:aws:s3:::${SECRET}` }],
};
const caller = sampleCaller();
const account = accountOf(sampleKey());

const role = `<Role><RoleName>App</RoleName><Arn>${caller}</Arn></Role>`;
const ownPolicy = iamAnswer("GetRolePolicy", `<PolicyDocument>${encoded(POLICY)}</PolicyDocument>`);
const cut = ({ body, ...answer }: WireAnswer): WireAnswer => ({ ...answer, body: body.slice(0, -40) });
const ofRole = (arn: string) => page({ roles: [{ arn, name: "App", inline: { p: encoded(POLICY) } }] });

const directory = () => iamAccountDirectory(iamDirectoryClient(wire.environment), account).read();
const identity = () => iamCallerIdentities(iamClient(wire.environment)).read(caller);
const put = () => iamCallerWriter(iamWriterClient(wire.environment)).put(caller, JSON.stringify(POLICY));

/** What is printed while it fails, and all that anybody could print of the error. */
async function saidBy(work: () => Promise<unknown>): Promise<string> {
  const printed: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    }),
  );
  try {
    const error = await work().then(
      () => expect.unreachable("it was to fail"),
      (thrown: unknown) => thrown,
    );
    makeLogger("test").error("a message failed and is put back", { error });
    return [...printed, inspect(error, { depth: 10 }), JSON.stringify(error), String(error)].join("\n");
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("what is logged and thrown would be seen here", async () => {
  const said = await saidBy(async () => {
    process.stderr.write("printed");
    throw new Error("thrown", { cause: new Error("behind it") });
  });
  for (const part of ["printed", "thrown", "behind it", "a message failed and is put back"])
    expect(said).toContain(part);
});

describe("a policy is not in what is logged or thrown", () => {
  test.each<[string, readonly WireAnswer[], () => Promise<unknown>]>([
    ["a page is cut off", [cut(ofRole(caller))], directory],
    ["a page has a role that can't be read", [ofRole(`${caller}s`)], directory],
    ["a later page fails", [page({ marker: "m", roles: [] }), { status: 418, body: encoded(POLICY) }], directory],
    ["a caller's policy is cut off", [iamAnswer("GetRole", role), cut(ownPolicy)], identity],
    ["a put is not understood", [iamRefusal("Odd", 400)], put],
    ["a put is not answered", [{ status: 500, body: JSON.stringify(POLICY) }], put],
  ])("where %s", async (_what, answers, work) => {
    wire.answer(...answers);
    expect(await saidBy(work)).not.toContain(SECRET);
  });

  test("where the journal can't be read or written", async () => {
    const journal = dynamoCallerJournal(table);
    const entry = sampleCallerEntry("e", { before: JSON.stringify(POLICY), after: JSON.stringify(POLICY) });
    await journal.open(entry);
    const unreadable = { v: 1, ...itemKey.callerJournal(caller, "f"), ...entry, state: POLICY, causes: [] };
    await table.client.send(new PutCommand({ TableName: table.name, Item: unreadable }));
    const missing = dynamoCallerJournal({ client: table.client, name: "no-such-table" });
    for (const work of [
      () => journal.open(entry),
      () => journal.latest(caller),
      () => journal.advance({ ...entry, id: "never" }, "put"),
      () => dynamoCallerHistory(table).newest(caller, 9),
      () => missing.open(entry),
    ]) {
      expect(await saidBy(work)).not.toContain(SECRET);
    }
  });
});
