/** What the roles of the deployed stack can and can't do, where the functions themselves never try. */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
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

describe("the kill switch", () => {
  let laptop: Laptop;
  beforeAll(async () => {
    laptop = await startLaptop({ timeScale: 600 });
    return () => laptop.stop();
  });

  const functions = ["intake", "reconcile", "sweep", "notify-slack"] as const;

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

  it("leaves the sweep alone to log what it swept", async () => {
    const put = new PutItemCommand({ TableName: tableName(), Item: item("SWEEP", "LOG") });
    await tableAs("sweep").send(put);
    await expect(tableAs("intake").send(put)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(tableAs("reconcile").send(put)).rejects.toMatchObject({ name: "AccessDeniedException" });
    const remove = new DeleteItemCommand({ TableName: tableName(), Key: item("SWEEP", "LOG") });
    await expect(tableAs("sweep").send(remove)).rejects.toMatchObject({ name: "AccessDeniedException" });
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
