import type { TableModel } from "./model.ts";

export interface CreateTable {
  readonly TableName: string;
  readonly BillingMode: "PAY_PER_REQUEST";
  readonly KeySchema: { readonly AttributeName: string; readonly KeyType: "HASH" | "RANGE" }[];
  readonly AttributeDefinitions: { readonly AttributeName: string; readonly AttributeType: "S" | "N" | "B" }[];
}

/** What DynamoDB's CreateTable is asked for a table of the graph. @throws for an attribute type that no key can have. */
export function createTable(table: TableModel): CreateTable {
  const keys: CreateTable["KeySchema"] = [{ AttributeName: table.hashKey, KeyType: "HASH" }];
  if (table.rangeKey !== undefined) keys.push({ AttributeName: table.rangeKey, KeyType: "RANGE" });
  return {
    TableName: table.name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keys,
    AttributeDefinitions: table.attributes.map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: keyType(table, type),
    })),
  };
}

function keyType(table: TableModel, type: string): "S" | "N" | "B" {
  if (type === "S" || type === "N" || type === "B") return type;
  throw new Error(`the table \`${table.name}\` has a key attribute of type \`${type}\`; DynamoDB takes S, N and B`);
}
