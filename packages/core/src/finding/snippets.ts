/**
 * The guard's statements as an owner's own tooling writes them: what stops Terraform, CloudFormation or the CDK from
 * taking them out is to have them where the key's policy is defined.
 */
import type { JsonObject } from "../policy/json.ts";

export interface Snippet {
  readonly tool: "Terraform" | "CloudFormation" | "CDK";
  /** Where it goes. */
  readonly where: string;
  readonly text: string;
}

export function snippets(statements: readonly JsonObject[]): readonly Snippet[] {
  return [
    {
      tool: "Terraform",
      where: "the data source that makes the policy of the `aws_kms_key` (or `aws_kms_key_policy`)",
      text: terraform(statements),
    },
    {
      tool: "CloudFormation",
      where: "`KeyPolicy.Statement` of the `AWS::KMS::Key`",
      text: JSON.stringify(statements, null, 2),
    },
    { tool: "CDK", where: "after the `kms.Key` is made", text: cdk(statements) },
  ];
}

/**
 * `source_policy_documents` adds statements to those of the data source; `jsonencode` takes JSON's own spelling.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
 */
function terraform(statements: readonly JsonObject[]): string {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements }, null, 2);
  // In a quoted string of HCL, `${` and `%{` begin a template.
  const escaped = document.replaceAll("${", "$${").replaceAll("%{", "%%{");
  return `source_policy_documents = [jsonencode(${escaped})]`;
}

/** https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.PolicyStatement.html#static-fromwbrjsonobj */
function cdk(statements: readonly JsonObject[]): string {
  return statements
    .map((one) => `key.addToResourcePolicy(iam.PolicyStatement.fromJson(${JSON.stringify(one, null, 2)}));`)
    .join("\n");
}
