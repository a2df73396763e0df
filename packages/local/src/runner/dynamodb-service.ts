/** DynamoDB behind the front door: each call is authorised, then served by dynalite. */
import dynalite from "dynalite";
import type { EmulatedService, WireRequest, WireResponse } from "../contract.ts";
import type { Access } from "./access.ts";
import { createTable } from "./create-table.ts";
import { leadingKeys } from "./leading-keys.ts";
import type { StackModel, TableModel } from "./model.ts";

export interface DynamoDbService extends EmulatedService {
  close(): Promise<void>;
}

/** Operations on one table's data, and those that only look. */
const SERVED = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"];

/** Listens on 127.0.0.1, on a port that only the front door knows. */
export async function dynamoDbService(model: StackModel, access: Access): Promise<DynamoDbService> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("dynalite has no port");
  const url = `http://127.0.0.1:${address.port}/`;

  async function forward(operation: string, body: string): Promise<WireResponse> {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        "x-amz-date": "20260101T000000Z",
        // dynalite wants to see a signature, and does not check it.
        authorization:
          "AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
      },
      body,
    });
    const crc = response.headers.get("x-amz-crc32");
    return {
      status: response.status,
      headers: { "content-type": "application/x-amz-json-1.0", ...(crc ? { "x-amz-crc32": crc } : {}) },
      body: await response.text(),
    };
  }

  async function handle(request: WireRequest): Promise<WireResponse> {
    const [, operation = ""] = (request.headers["x-amz-target"] ?? "").split(".");
    if (!SERVED.includes(operation)) {
      const message = `the local table knows ${SERVED.join(", ")}, not \`${operation}\``;
      return dynamoError("UnknownOperationException", message);
    }
    const input = parsed(request.body);
    const name = tableNameOf(input);
    const table = model.tables.find((one) => one.name === name);
    const keys = table ? leadingKeys(operation, input, table.hashKey) : [];
    const answer = access({
      caller: request.caller,
      action: `dynamodb:${operation}`,
      resource: `arn:aws:dynamodb:${model.region}:${model.account}:table/${name}`,
      context: keys.length > 0 ? { "dynamodb:leadingkeys": keys } : {},
    });
    if (answer.kind === "denied") return dynamoError("AccessDeniedException", answer.message);
    return forward(operation, request.body);
  }

  /** Even without a wait, dynalite shows a new table as being created for a turn or two. */
  async function active(table: TableModel): Promise<void> {
    for (let turn = 0; turn < 100; turn += 1) {
      const described = await forward("DescribeTable", JSON.stringify({ TableName: table.name }));
      if (described.body.includes('"TableStatus":"ACTIVE"')) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`the table \`${table.name}\` does not become active`);
  }

  for (const table of model.tables) {
    const created = await forward("CreateTable", JSON.stringify(createTable(table)));
    if (created.status !== 200) throw new Error(`the table \`${table.name}\` could not be made: ${created.body}`);
    await active(table);
  }
  return {
    signingName: "dynamodb",
    handle,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A table may be named by its ARN too. */
function tableNameOf(input: unknown): string {
  const name = typeof input === "object" && input !== null && "TableName" in input ? input.TableName : undefined;
  return typeof name === "string" ? (name.split(":table/").at(-1) ?? name) : "*";
}

function dynamoError(code: string, message: string): WireResponse {
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message });
  return { status: 400, headers: { "content-type": "application/x-amz-json-1.0" }, body };
}
