import { describe, expect, it } from "vitest";
import { leadingKeys } from "../../../packages/local/src/runner/leading-keys.ts";

const pk = { S: "KEY#1" };

describe("the partition that a call to DynamoDB names", () => {
  it.each([
    ["PutItem", { Item: { pk, sk: { S: "b" } } }],
    ["GetItem", { Key: { pk } }],
    ["UpdateItem", { Key: { pk } }],
    ["DeleteItem", { Key: { pk } }],
    ["Query", { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": pk } }],
    [
      "Query",
      {
        KeyConditionExpression: "begins_with(sk, :p) AND (#pk=:pk)",
        ExpressionAttributeNames: { "#pk": "pk" },
        ExpressionAttributeValues: { ":pk": pk, ":p": { S: "x" } },
      },
    ],
    [
      "Query",
      { KeyConditionExpression: "sk = :sk AND pk = :pk", ExpressionAttributeValues: { ":pk": pk, ":sk": { S: "b" } } },
    ],
  ])("is read of %s: %j", (operation, input) => {
    expect(leadingKeys(operation, input, "pk")).toEqual(["KEY#1"]);
  });

  it.each([
    ["Scan", {}],
    ["PutItem", { Key: { pk } }],
    ["PutItem", { Item: { xpk: pk } }],
    ["GetItem", { Key: { pk: { S: 1 } } }],
    ["Query", { KeyConditionExpression: "xpk = :pk", ExpressionAttributeValues: { ":pk": pk } }],
    ["Query", { KeyConditions: { pk: { AttributeValueList: [pk], ComparisonOperator: "EQ" } } }],
    ["Query", { KeyConditionExpression: "pk = :pk" }],
    ["PutItem", undefined],
  ])("is none in %s: %j", (operation, input) => {
    expect(leadingKeys(operation, input, "pk")).toEqual([]);
  });

  it("is a number's or a binary's text too", () => {
    expect(leadingKeys("GetItem", { Key: { pk: { N: "7" } } }, "pk")).toEqual(["7"]);
    expect(leadingKeys("GetItem", { Key: { pk: { B: "YQ==" } } }, "pk")).toEqual(["YQ=="]);
  });
});
