/**
 * Stands in for the Pulumi engine and for AWS while `stacks/` is evaluated: every resource "exists" at once, with the
 * ARN that AWS would give it.
 */

/** A resource as the stack asked for it, and what AWS would say of it. */
export interface MadeResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly state: Identity;
}

export interface Identity {
  readonly id: string;
  readonly arn?: string;
  readonly url?: string;
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

/** What Pulumi hands to `newResource` and `call` of its mocks: the part that is read here. */
export interface ResourceArgs {
  readonly type: string;
  readonly name: string;
  /** False for components, which are only a grouping. */
  readonly custom?: boolean;
  readonly inputs: unknown;
}
export interface CallArgs {
  readonly token: string;
  readonly inputs: Record<string, unknown>;
}

type Namer = (name: string, place: Place) => Identity;

/** How AWS names a resource, by the resource's own name. */
const named: Readonly<Record<string, Namer>> = {
  "aws:cloudwatch/eventRule:EventRule": (name, at) => ({ id: name, arn: regional(at, "events", `rule/${name}`) }),
  "aws:cloudwatch/logGroup:LogGroup": (name, at) => ({ id: name, arn: regional(at, "logs", `log-group:${name}`) }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (name, at) => ({
    id: name,
    arn: regional(at, "cloudwatch", `alarm:${name}`),
  }),
  "aws:dynamodb/table:Table": (name, at) => ({ id: name, arn: regional(at, "dynamodb", `table/${name}`) }),
  "aws:iam/role:Role": (name, at) => ({ id: name, arn: `arn:aws:iam::${at.account}:role/${name}` }),
  "aws:lambda/function:Function": (name, at) => ({ id: name, arn: regional(at, "lambda", `function:${name}`) }),
  "aws:scheduler/schedule:Schedule": (name, at) => ({
    id: `default/${name}`,
    arn: regional(at, "scheduler", `schedule/default/${name}`),
  }),
  "aws:sns/topic:Topic": (name, at) => ({ id: regional(at, "sns", name), arn: regional(at, "sns", name) }),
  "aws:sqs/queue:Queue": (name, at) => {
    const url = `https://sqs.${at.region}.amazonaws.com/${at.account}/${name}`;
    return { id: url, arn: regional(at, "sqs", name), url };
  },
};

/** Resources that only connect others: nothing refers to them. */
const unnamed: ReadonlySet<string> = new Set([
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:lambda/eventSourceMapping:EventSourceMapping",
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
  "aws:lambda/invocation:Invocation",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  "random:index/randomBytes:RandomBytes",
]);

function regional(place: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${place.region}:${place.account}:${resource}`;
}

/**
 * The mocks, and the list that they fill.
 *
 * Throws for a resource type that it does not know, and for a resource whose name AWS or Pulumi would choose: the graph
 * would then hold an ARN that no deployment has.
 */
export function pulumiMocks(place: Place) {
  const resources: MadeResource[] = [];

  function newResource(args: ResourceArgs): { id: string; state: Record<string, unknown> } {
    if (args.custom === false) return { id: args.name, state: {} };
    const inputs = withFixedName(args.type, plainObject(args.inputs));
    const state = identify(args, inputs, place);
    resources.push({ type: args.type, name: args.name, inputs, state });
    // The key with which SST would seal `link`s, which no function of ours reads.
    const extra = args.type === "random:index/randomBytes:RandomBytes" ? { base64: btoa("\0".repeat(32)) } : {};
    return { id: state.id, state: { ...inputs, ...state, ...extra } };
  }

  function call(args: CallArgs): Record<string, unknown> {
    switch (args.token) {
      case "aws:index/getRegion:getRegion":
        return { id: place.region, name: place.region, region: place.region };
      case "aws:index/getPartition:getPartition":
        return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" };
      case "aws:index/getCallerIdentity:getCallerIdentity":
        return { accountId: place.account, arn: `arn:aws:iam::${place.account}:user/deployer`, userId: "AIDADEPLOYER" };
      case "aws:iam/getPolicyDocument:getPolicyDocument":
        // SST makes one for `permissions`, which our roles replace by their own documents.
        return { ...args.inputs, json: "{}" };
      default:
        throw new Error(`the stack looks up \`${args.token}\`, which the graph has no answer to; add one here`);
    }
  }

  return { resources, newResource, call };
}

function identify(args: ResourceArgs, inputs: Record<string, unknown>, place: Place): Identity {
  if (unnamed.has(args.type)) return { id: args.name };
  const namer = named[args.type];
  if (!namer) throw new Error(`resource type \`${args.type}\` is new to the graph; say here how AWS names it`);
  const { name } = inputs;
  if (typeof name !== "string") throw new Error(`\`${args.name}\` (${args.type}) has no name of its own; give it one`);
  // One resource may be in another Region than the stack's.
  return namer(name, typeof inputs.region === "string" ? { ...place, region: inputs.region } : place);
}

/** The table keeps the name that SST gives it, which ends differently in each deployment; the graph needs one name. */
function withFixedName(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (type !== "aws:dynamodb/table:Table" || typeof inputs.name !== "string") return inputs;
  return { ...inputs, name: inputs.name.replace(/-[a-z]{8}$/, "") };
}

// How Pulumi marks a secret and an archive on the wire.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The value without Pulumi's wrappers: a secret is its content, an archive its path. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const kind = entries.find(([key]) => key === SIGNATURE)?.[1];
  if (kind === SECRET) return plain(entries.find(([key]) => key === "value")?.[1]);
  if (kind !== undefined) return entries.find(([key]) => key === "path")?.[1];
  return Object.fromEntries(entries.map(([key, member]) => [key, plain(member)]));
}

function plainObject(value: unknown): Record<string, unknown> {
  const result = plain(value ?? {});
  if (typeof result !== "object" || result === null) throw new Error("Pulumi gave inputs that are no object");
  return { ...result };
}
