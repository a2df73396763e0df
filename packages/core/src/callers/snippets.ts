/**
 * The guard's policy for a caller as an owner's own tooling writes it, and as a command: where roles are made by Terraform,
 * CloudFormation or the CDK, an inline policy put beside them by hand may be taken out again.
 */
import type { Snippet } from "../finding/snippets.ts";
import type { JsonObject } from "../policy/json.ts";
import type { Identity as WholeIdentity } from "./account.ts";
import { OWN_POLICY } from "./own-policy.ts";

type Identity = Pick<WholeIdentity, "kind" | "name">;

/** For a POSIX shell. */
export function putCommand({ kind, name }: Identity, document: JsonObject): string {
  return (
    `aws iam put-${kind}-policy --${kind}-name ${quoted(name)} --policy-name ${OWN_POLICY} ` +
    `--policy-document ${quoted(JSON.stringify(document))}`
  );
}

/** For a POSIX shell. */
export function deleteCommand({ kind, name }: Identity): string {
  return `aws iam delete-${kind}-policy --${kind}-name ${quoted(name)} --policy-name ${OWN_POLICY}`;
}

function quoted(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function callerSnippets(identity: Identity, document: JsonObject): readonly Snippet[] {
  const { kind } = identity;
  return [
    {
      tool: "Terraform",
      where: `beside the \`aws_iam_${kind}\``,
      text: terraform(identity, document),
    },
    {
      tool: "CloudFormation",
      where: `among the \`Resources\`, beside the \`AWS::IAM::${TYPE[kind]}\``,
      text: cloudFormation(identity, document),
    },
    {
      tool: "CDK",
      where: `after the \`iam.${TYPE[kind]}\` is made, here called \`${kind}\``,
      text: cdk(identity, document),
    },
  ];
}

const TYPE: Readonly<Record<Identity["kind"], string>> = { role: "Role", user: "User" };

/**
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user_policy
 */
function terraform({ kind, name }: Identity, document: JsonObject): string {
  // In a quoted string of HCL, `${` and `%{` begin a template.
  const escaped = (text: string) => text.replaceAll("${", "$${").replaceAll("%{", "%%{");
  return [
    `resource "aws_iam_${kind}_policy" "bedrock_key_guard_${name.replaceAll(/[^\w-]/g, "_")}" {`,
    `  name   = "${OWN_POLICY}"`,
    `  ${kind.padEnd(6)} = ${escaped(JSON.stringify(name))}`,
    `  policy = jsonencode(${escaped(JSON.stringify(document, null, 2)).replaceAll("\n", "\n  ")})`,
    "}",
  ].join("\n");
}

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-userpolicy.html
 */
function cloudFormation({ kind, name }: Identity, document: JsonObject): string {
  const properties = { PolicyName: OWN_POLICY, [`${TYPE[kind]}Name`]: name, PolicyDocument: document };
  return JSON.stringify(
    { [resourceName(name)]: { Type: `AWS::IAM::${TYPE[kind]}Policy`, Properties: properties } },
    null,
    2,
  );
}

/** Several callers may be defined in one template: logical ids are letters and digits. */
function resourceName(identity: string): string {
  return `${OWN_POLICY}${identity.replaceAll(/[^A-Za-z0-9]/g, "")}`;
}

/** https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.Policy.html */
function cdk({ kind, name }: Identity, document: JsonObject): string {
  return [
    `${kind}.attachInlinePolicy(`,
    `  new iam.Policy(this, "${resourceName(name)}", {`,
    `    policyName: "${OWN_POLICY}",`,
    `    document: iam.PolicyDocument.fromJson(${JSON.stringify(document, null, 2).replaceAll("\n", "\n    ")}),`,
    "  }),",
    ");",
  ].join("\n");
}
