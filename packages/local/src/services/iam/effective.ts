/** What a role or a user may do by IAM, in the evaluator's form. */
import type { NamedPolicy, PolicyJson } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import type { PolicyHolder } from "./holders.ts";
import type { Identity } from "./identities.ts";

type Directory = Pick<Emulation, "groups" | "managedPolicies">;

/** Its inline and managed policies, and those of a user's groups. Throws for a document that is not JSON. */
export function policiesOf(directory: Directory, identity: Identity): readonly NamedPolicy[] {
  const groups = identity.kind === "user" ? directory.groups.of(identity) : [];
  return [identity, ...groups].flatMap((holder) => policiesOn(directory, holder));
}

export function boundaryOf(directory: Directory, identity: Identity): NamedPolicy | undefined {
  return identity.boundary === undefined ? undefined : managed(directory, identity.boundary);
}

function policiesOn(directory: Directory, holder: PolicyHolder): readonly NamedPolicy[] {
  const inline = [...holder.policies].map(([name, text]) => named(`${holder.name}/${name}`, text));
  return [...inline, ...[...holder.attached].map((arn) => managed(directory, arn))];
}

function managed(directory: Directory, arn: string): NamedPolicy {
  const policy = directory.managedPolicies.byArn(arn);
  const version = policy?.versions.get(policy.defaultVersion);
  if (!version) throw new Error(`the emulation has no managed policy \`${arn}\`; plant it first`);
  return named(arn, version.document);
}

function named(source: string, text: string): NamedPolicy {
  const document: { Version?: string; Statement?: PolicyJson["Statement"] | PolicyJson["Statement"][number] } =
    JSON.parse(text);
  // A policy of one statement may come without a list around it.
  const statements = [document.Statement ?? []].flat();
  const version = document.Version === undefined ? {} : { Version: document.Version };
  return { source, document: { ...version, Statement: statements } };
}
