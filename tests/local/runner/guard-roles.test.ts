/** What the roles of the deployed stack can and can't do, where the functions themselves never try. */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetAccountAuthorizationDetailsCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Laptop, readGraph, startLaptop } from "../../../packages/local/src/laptop.ts";
import { inputsOf, type SmallGraph, statementsOf } from "./small-graph.ts";
import { clientOptions } from "./small-stack.ts";

/** A fresh copy at each call: tests change it. */
const goldenGraph = () => structuredClone(readGraph()) as SmallGraph;

async function start(graph: SmallGraph): Promise<void> {
  const laptop = await startLaptop({ graph });
  await laptop.stop();
}

describe("in IAM, the stack's own roles", () => {
  it("are listed among all others, and no function may change them", async () => {
    const laptop = await startLaptop({ timeScale: 600 });
    onTestFinished(() => laptop.stop());
    const admin = laptop.administrator(`arn:aws:iam::${laptop.account}:role/team/Admin`, "ana");
    const { RoleDetailList = [] } = await admin.iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1000 }));
    const listed = RoleDetailList.map(({ RoleName }) => RoleName);
    const { roles, functions } = laptop.stack.model;
    expect(listed).toEqual(expect.arrayContaining(roles.map(({ name }) => name)));
    const PolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
    for (const { name } of functions) {
      const { iam } = laptop.as(laptop.stack.callerOf(name));
      for (const role of roles) {
        const put = new PutRolePolicyCommand({ RoleName: role.name, PolicyName: "BedrockKeyGuard", PolicyDocument });
        await expect(iam.send(put)).rejects.toMatchObject({ name: "AccessDenied" });
      }
    }
  });
});

describe("the kill switch and the table around it", () => {
  let laptop: Laptop;
  beforeAll(async () => {
    laptop = await startLaptop({ timeScale: 600 });
    return () => laptop.stop();
  });

  const functions = ["intake", "reconcile", "sweep", "callers", "notify-slack"] as const;

  function tableAs(name: (typeof functions)[number]) {
    const client = new DynamoDBClient(clientOptions(laptop.stack, laptop.stack.callerOf(name)));
    onTestFinished(() => client.destroy());
    return client;
  }

  const tableName = () => laptop.stack.model.tables[0]?.name;
  const item = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });

  it.each(functions)("is out of reach of %s", async (name) => {
    const client = tableAs(name);
    const where = { TableName: tableName() };
    for (const pk of ["GUARD", "GUARD#AGENT#", "xKEY#"]) {
      const Key = item(pk, "SWITCH");
      const refusal = { name: "AccessDeniedException" };
      await expect(client.send(new PutItemCommand({ ...where, Item: Key }))).rejects.toMatchObject(refusal);
      await expect(client.send(new UpdateItemCommand({ ...where, Key }))).rejects.toMatchObject(refusal);
      await expect(client.send(new DeleteItemCommand({ ...where, Key }))).rejects.toMatchObject(refusal);
    }
  });

  const denied = { name: "AccessDeniedException" };

  it("leaves the sweep alone to log what it swept, without ever taking it back", async () => {
    const where = { TableName: tableName(), Key: item("SWEEP", "LOG") };
    const update = new UpdateItemCommand(where);
    await tableAs("sweep").send(update);
    await expect(tableAs("intake").send(update)).rejects.toMatchObject(denied);
    await expect(tableAs("reconcile").send(update)).rejects.toMatchObject(denied);
    await expect(tableAs("sweep").send(new DeleteItemCommand(where))).rejects.toMatchObject(denied);
  });

  it("leaves the reconciler alone to count writes, and to nobody to forget them", async () => {
    const where = { TableName: tableName(), Key: item("BUDGET#account", "HOUR#2026-11-23T18") };
    const update = new UpdateItemCommand(where);
    await tableAs("reconcile").send(update);
    for (const name of ["intake", "sweep", "notify-slack"] as const) {
      await expect(tableAs(name).send(update)).rejects.toMatchObject(denied);
    }
    for (const name of functions) {
      await expect(tableAs(name).send(new DeleteItemCommand(where))).rejects.toMatchObject(denied);
      const put = new PutItemCommand({ TableName: tableName(), Item: where.Key });
      await expect(tableAs(name).send(put)).rejects.toMatchObject(denied);
    }
  });

  it("lets every function that reads agents list a key, and the reconciler alone take one off", async () => {
    const listed = item("KEYS", "KEY#arn:aws:kms:eu-west-1:111122223333:key/1");
    const put = new PutItemCommand({ TableName: tableName(), Item: listed });
    const remove = new DeleteItemCommand({ TableName: tableName(), Key: listed });
    for (const name of ["intake", "sweep", "reconcile"] as const) await tableAs(name).send(put);
    for (const name of ["intake", "sweep", "notify-slack"] as const) {
      await expect(tableAs(name).send(remove)).rejects.toMatchObject(denied);
    }
    await tableAs("reconcile").send(remove);
  });
});

describe("a function with variables", () => {
  it("does not start where its role is denied every Decrypt, with Lambda's words", async () => {
    const graph = goldenGraph();
    const deny = statementsOf(graph, "ReconcileRole").find(({ Action }) => Action === "kms:Decrypt");
    if (!deny) throw new Error("the reconciler denies itself no Decrypt");
    Object.assign(deny, { Condition: {} });
    await expect(start(graph)).rejects.toThrow(
      /-reconcile` does not start: Lambda was unable to decrypt the environment variables .* explicit deny/,
    );
  });

  it("does not start where the Deny spares another function's variables", async () => {
    const graph = goldenGraph();
    const text = JSON.stringify(inputsOf(graph, "ReconcileRole").inlinePolicies);
    inputsOf(graph, "ReconcileRole").inlinePolicies = JSON.parse(
      text.replace("function:bedrock-key-guard-local-reconcile", "function:bedrock-key-guard-local-sweep"),
    );
    await expect(start(graph)).rejects.toThrow("Lambda was unable to decrypt the environment variables");
  });

  it("does not start with half of the opt-in tag", async () => {
    const graph = goldenGraph();
    Object.assign(inputsOf(graph, "ReconcileFunction").environment as object, {
      variables: { ...variablesOf(graph, "ReconcileFunction"), OPT_IN_TAG_KEY: "may" },
    });
    await expect(start(graph)).rejects.toThrow("the function has no `OPT_IN_TAG_VALUE`");
  });
});

function variablesOf(graph: SmallGraph, name: string): Record<string, string> {
  return (inputsOf(graph, name).environment as { variables: Record<string, string> }).variables;
}
