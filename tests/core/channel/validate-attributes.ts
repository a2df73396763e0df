/**
 * Message attributes as SNS takes them, few enough for raw delivery to SQS.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */

type Attributes = Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;

export function faultsOfAttributes(attributes: Attributes): readonly string[] {
  const entries = Object.entries(attributes);
  const faults = entries.flatMap(([name, { DataType, StringValue, ...others }]) => {
    const wrong: string[] = [];
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) wrong.push(`\`${name}\` is no name`);
    if (Object.keys(others).length > 0) wrong.push(`\`${name}\` has ${Object.keys(others).join(", ")}`);
    if (DataType === "String" && StringValue === "") wrong.push(`\`${name}\` is empty`);
    if (DataType === "String.Array" && !isArrayOfStrings(StringValue)) wrong.push(`\`${name}\` is no array of strings`);
    if (DataType !== "String" && DataType !== "String.Array") wrong.push(`\`${name}\` is a ${DataType}`);
    return wrong;
  });
  const bytes = entries.reduce((sum, [name, one]) => sum + Buffer.byteLength(name + one.DataType + one.StringValue), 0);
  return [
    ...faults,
    ...(entries.length > 10 ? [`has ${entries.length} attributes`] : []),
    ...(bytes > 24_000 ? [`has ${bytes} bytes`] : []),
  ];
}

function isArrayOfStrings(text: string): boolean {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string" && one !== "");
}
