/** Roles, functions and what invokes them, of the resource graph. */
import { type GraphResource, propertiesOf, stateString } from "./graph.ts";
import { managedPolicy } from "./managed-policies.ts";
import type { FunctionModel, InvocationModel, MappingModel, RoleModel } from "./model.ts";
import { namedPolicy, trustPolicy } from "./policy-reader.ts";

/** @param attached policies that are resources of their own: `aws:iam/rolePolicy:RolePolicy`. */
export function readRoles(roles: readonly GraphResource[], attached: readonly GraphResource[]): readonly RoleModel[] {
  const own = Map.groupBy(attached.map(readRolePolicy), (policy) => policy.role);
  return roles.map((resource) => {
    const properties = propertiesOf(resource);
    const name = properties.string("name");
    properties.optionalString("path"); // a part of the ARN
    const inline = properties.blocks("inlinePolicies").map((policy, index) => {
      const policyName = policy.optionalString("name") ?? String(index);
      return namedPolicy(`role ${name}, policy ${policyName}`, policy.document("policy"));
    });
    const trust = trustPolicy(`role ${name}, trust`, properties.document("assumeRolePolicy"));
    const managed = properties.strings("managedPolicyArns").map(managedPolicy);
    properties.finish();
    const separate = (own.get(name) ?? []).map((policy) =>
      namedPolicy(`role ${name}, policy ${policy.name}`, policy.document),
    );
    return { name, arn: stateString(resource, "arn"), trust, policies: [...inline, ...separate, ...managed] };
  });
}

function readRolePolicy(resource: GraphResource): { role: string; name: string; document: unknown } {
  const properties = propertiesOf(resource);
  const policy = {
    role: properties.string("role"),
    name: properties.optionalString("name") ?? resource.name,
    document: properties.document("policy"),
  };
  properties.finish();
  return policy;
}

export function readFunctions(functions: readonly GraphResource[]): readonly FunctionModel[] {
  return functions.map((resource) => {
    const properties = propertiesOf(resource);
    const name = properties.string("name");
    properties.only("runtime", "nodejs24.x");
    properties.only("packageType", "Zip");
    properties.only("publish", false);
    if (properties.strings("layers").length > 0)
      throw new Error(`${properties.where}: the local functions have no layers`);
    const logging = properties.block("loggingConfig");
    logging.only("logFormat", "Text", "JSON");
    const model: FunctionModel = {
      name,
      arn: stateString(resource, "arn"),
      bundle: stateString(resource, "bundle"),
      roleArn: properties.string("role"),
      handler: properties.string("handler"),
      timeoutSeconds: properties.optionalNumber("timeout") ?? 3,
      memoryMegabytes: properties.optionalNumber("memorySize") ?? 128,
      variables: properties.block("environment").stringMap("variables"),
      logGroup: logging.optionalString("logGroup") ?? `/aws/lambda/${name}`,
      reservedConcurrency: properties.optionalNumber("reservedConcurrentExecutions"),
    };
    properties.finish();
    return model;
  });
}

export function readMappings(mappings: readonly GraphResource[]): readonly MappingModel[] {
  return mappings.map((resource) => {
    const properties = propertiesOf(resource);
    properties.only("enabled", true);
    const responseTypes = properties.strings("functionResponseTypes");
    const unknown = responseTypes.find((type) => type !== "ReportBatchItemFailures");
    if (unknown)
      throw new Error(`${properties.where}: the local poller does not know the response type \`${unknown}\``);
    const model: MappingModel = {
      queueArn: properties.string("eventSourceArn"),
      functionName: functionNameOf(properties.string("functionName")),
      batchSize: properties.optionalNumber("batchSize") ?? 10,
      windowSeconds: properties.optionalNumber("maximumBatchingWindowInSeconds") ?? 0,
      reportsItemFailures: responseTypes.length > 0,
      maximumConcurrency: properties.block("scalingConfig").optionalNumber("maximumConcurrency"),
    };
    properties.finish();
    return model;
  });
}

export function readInvocations(invocations: readonly GraphResource[]): readonly InvocationModel[] {
  return invocations.map((resource) => {
    const properties = propertiesOf(resource);
    const input = properties.document("input");
    properties.only("lifecycleScope", "CREATE_ONLY", "CRUD");
    properties.only("qualifier", "$LATEST");
    const model = { functionName: functionNameOf(properties.string("functionName")), input };
    properties.finish();
    return model;
  });
}

/** A function is named by its name or by its ARN. */
function functionNameOf(text: string): string {
  return text.startsWith("arn:") ? (text.split(":")[6] ?? text) : text;
}
