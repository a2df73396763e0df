/** An account's IAM as `GetAccountAuthorizationDetails` gives it, of any size, and agents that some of it may invoke. */
import { type AgentId, agentArn, agentId, type KeyArn, keyArn } from "../packages/core/src/arn.ts";
import type { KnownAgent } from "../packages/core/src/callers/find.ts";
import type { KnownKey } from "../packages/core/src/callers/judge.ts";
import { read } from "./policies.ts";

const ACCOUNT = "111122223333";
const SERVICES = ["s3", "dynamodb", "sqs", "logs", "ec2", "lambda", "sns", "states"];

export interface Size {
  readonly roles: number;
  readonly users: number;
  readonly groups: number;
  readonly managed: number;
  readonly agents: number;
  /** How many times as many statements a role's own policies have, those on agents among them. */
  readonly statements: number;
}

export const LARGE: Size = { roles: 1000, users: 200, groups: 50, managed: 500, agents: 100, statements: 1 };

interface Details {
  readonly UserDetailList: readonly object[];
  readonly GroupDetailList: readonly object[];
  readonly RoleDetailList: readonly object[];
  readonly Policies: readonly object[];
}

/** One page with all of it, as the AWS CLI prints it. */
export function detailsText(size: Size): string {
  return JSON.stringify({ ...detailsOf(size), IsTruncated: false });
}

/** The answers of IAM's API: XML, with as many on a page as it gives at most. */
export function detailsPages(size: Size): readonly string[] {
  const all = Object.entries(detailsOf(size)).flatMap(([list, items]) =>
    (items as readonly object[]).map((item) => [list, item] as const),
  );
  const pages = numbers(Math.ceil(all.length / PAGE)).map((n) => all.slice(n * PAGE, (n + 1) * PAGE));
  return pages.map((items, n) => {
    const lists = [...Map.groupBy(items, ([list]) => list)].map(([list, of]) =>
      xml(
        list,
        of.map(([, item]) => item),
      ),
    );
    const more = n + 1 < pages.length;
    const end = [xml("IsTruncated", more), ...(more ? [xml("Marker", `page-${n + 1}`)] : [])];
    return `<${ANSWER}Response ${XMLNS}><${ANSWER}Result>${[...lists, ...end].join("")}</${ANSWER}Result></${ANSWER}Response>`;
  });
}

const PAGE = 1_000;
const ANSWER = "GetAccountAuthorizationDetails";
const XMLNS = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"';

/** Nothing in these accounts has a character that XML would have escaped. */
function xml(name: string, value: unknown): string {
  const content = Array.isArray(value)
    ? value.map((one) => xml("member", one)).join("")
    : typeof value === "object" && value !== null
      ? Object.entries(value)
          .map(([key, one]) => xml(key, one))
          .join("")
      : String(value);
  return `<${name}>${content}</${name}>`;
}

/**
 * Of the roles a hundredth are administrators, a twentieth may invoke every agent and lack their keys, a
 * fourth may invoke three agents and use their keys; of the users half may invoke, by a group. The rest have nothing to do
 * with agents. Documents are URL-encoded, as the API gives them.
 */
function detailsOf(size: Size): Details {
  const managedOf = (n: number, count: number) =>
    numbers(count).map((i) => ({ PolicyName: "m", PolicyArn: managedArn((n * 7 + i * 13) % size.managed) }));
  const roles = numbers(size.roles).map((n) => ({
    Path: "/",
    RoleName: `Role${n}`,
    Arn: `arn:aws:iam::${ACCOUNT}:role/Role${n}`,
    RolePolicyList: [
      { PolicyName: "app", PolicyDocument: encoded([...others(n, 4 * size.statements), ...onAgents(n, size)]) },
      { PolicyName: "more", PolicyDocument: encoded(others(n + 1, 3 * size.statements)) },
    ],
    AttachedManagedPolicies: managedOf(n, 4),
    Tags: [],
  }));
  const users = numbers(size.users).map((n) => ({
    Path: "/",
    UserName: `User${n}`,
    Arn: `arn:aws:iam::${ACCOUNT}:user/User${n}`,
    UserPolicyList: [{ PolicyName: "own", PolicyDocument: encoded(others(n, 1)) }],
    GroupList: [...new Set([n % size.groups, (n * 3) % size.groups])].map((group) => `Group${group}`),
    AttachedManagedPolicies: managedOf(n, 1),
    Tags: [],
  }));
  const groups = numbers(size.groups).map((n) => ({
    GroupName: `Group${n}`,
    Arn: `arn:aws:iam::${ACCOUNT}:group/Group${n}`,
    GroupPolicyList: [
      { PolicyName: "g", PolicyDocument: encoded(n % 2 === 0 ? [invokeOf([n % size.agents])] : others(n, 2)) },
    ],
    AttachedManagedPolicies: managedOf(n, 2),
  }));
  const policies = numbers(size.managed).map((n) => ({
    Arn: managedArn(n),
    DefaultVersionId: "v1",
    PolicyVersionList: [{ Document: encoded(others(n, 8)), VersionId: "v1", IsDefaultVersion: true }],
  }));
  return { UserDetailList: users, GroupDetailList: groups, RoleDetailList: roles, Policies: policies };
}

export function agentsIn({ agents }: Size): readonly KnownAgent[] {
  return numbers(agents).map((n) => ({
    agent: {
      id: idOf(n),
      arn: sure(agentArn(agentText(n))),
      name: "support",
      status: "PREPARED",
      roleArn: undefined,
      keyArn: keyOf(n),
      createdAt: "2024-05-01T00:00:00Z",
      memoryEnabled: false,
      versions: [],
    },
    aliases: ["PRODALIAS1", "BETAALIAS1"],
  }));
}

/** Ten agents a key; the policies leave the keys to IAM, and let Bedrock in for each agent. */
export function keysIn({ agents }: Size): ReadonlyMap<KeyArn, KnownKey> {
  return new Map(
    numbers(Math.ceil(agents / 10)).map((n): [KeyArn, KnownKey] => {
      const arn = keyOf(n * 10);
      const context = { StringEquals: { [CONTEXT]: numbers(10).map((i) => agentText(n * 10 + i)) } };
      const statements = [
        { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" },
        {
          Effect: "Allow",
          Principal: { Service: "bedrock.amazonaws.com" },
          Action: USE,
          Resource: "*",
          Condition: context,
        },
      ];
      const document = read(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
      const facts = { arn, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };
      return [arn, { facts, policy: { origin: { kind: "key-policy", key: arn }, document } }];
    }),
  );
}

const USE = ["kms:GenerateDataKey", "kms:Decrypt"];
const CONTEXT = "kms:EncryptionContext:aws:bedrock:arn";

function onAgents(n: number, { agents, statements }: Size): readonly object[] {
  return numbers(statements).flatMap(() => invoking(n, agents));
}

function invoking(n: number, agents: number): readonly object[] {
  if (n % 100 === 0) return [{ Effect: "Allow", Action: "*", Resource: "*" }];
  if (n % 20 === 1) return [{ Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" }];
  if (n % 4 !== 2) return [];
  const three = numbers(3).map((i) => (n + i * 17) % agents);
  const keys = three.map(keyOf);
  const condition = { StringEquals: { [CONTEXT]: three.map(agentText) } };
  return [invokeOf(three), { Effect: "Allow", Action: USE, Resource: keys, Condition: condition }];
}

function invokeOf(agents: readonly number[]): object {
  const aliases = agents.map((n) => `${agentText(n).replace(":agent/", ":agent-alias/")}/*`);
  return { Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: aliases };
}

/** Statements as most of an account's are: of other services, some with a condition, some a Deny. */
function others(n: number, count: number): readonly object[] {
  return numbers(count).map((i) => {
    const service = SERVICES[(n + i) % SERVICES.length];
    return {
      Sid: `S${i}`,
      Effect: (n + i) % 11 === 0 ? "Deny" : "Allow",
      Action: [`${service}:Get*`, `${service}:List*`, `${service}:Describe*`, `${service}:Put${n}`],
      Resource: [`arn:aws:${service}:eu-west-1:${ACCOUNT}:team-${n}/*`, `arn:aws:${service}:*:${ACCOUNT}:shared-${i}`],
      ...((n + i) % 3 === 0 ? { Condition: { StringEquals: { "aws:ResourceTag/team": `team-${n}` } } } : {}),
    };
  });
}

function encoded(statements: readonly object[]): string {
  return encodeURIComponent(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
}

function managedArn(n: number): string {
  return `arn:aws:iam::${ACCOUNT}:policy/Managed${n}`;
}

function idOf(n: number): AgentId {
  return sure(agentId(`AGENT${String(n).padStart(5, "0")}`));
}

function agentText(n: number): string {
  return `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/${idOf(n)}`;
}

function keyOf(agent: number): KeyArn {
  const id = String(Math.floor(agent / 10)).padStart(12, "0");
  return sure(keyArn(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-${id}`));
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the benchmark names something that is not of its type");
  return value;
}
