import { arnHere, functionNameOf, type Place, roleNameOf } from "./place.ts";
import { policy, type Statement, trustOf } from "./policy.ts";
import type { WorkQueue } from "./queues.ts";
import type { LogRetention } from "./settings.ts";

/** A function that works on the messages of one queue. */
export interface Worker {
  readonly function: sst.aws.Function;
  readonly mapping: aws.lambda.EventSourceMapping;
}

export interface WorkerOptions {
  /** In lower case and hyphens: the bundle `dist/functions/NAME` and the physical names. */
  readonly name: string;
  readonly description: string;
  readonly source: WorkQueue;
  /** At most 10, or 10,000 where the queue has a batching window. */
  readonly batchSize: number;
  /** A second queue, one message at a time. */
  readonly alsoFrom?: { readonly id: string; readonly queue: WorkQueue };
  /** At least 2, as Lambda asks. */
  readonly maximumConcurrency?: number;
  readonly environment: Readonly<Record<string, $util.Input<string>>>;
  /** What it may do beyond reading its queue and writing its log. */
  readonly permissions: readonly Statement[];
  readonly logRetention: LogRetention;
}

/**
 * SST's function for the bundle, its upload and the log group; the role's policies and the environment are ours
 * entirely, so that the resource graph shows each permission and variable as it is deployed:
 * - `Queue.subscribe` would grant more on the queue than Lambda asks for
 * - SST would attach a managed policy that may write to every log group, and set variables for `link`, which we don't use
 */
export function worker(place: Place, options: WorkerOptions): Worker {
  const { name, source, alsoFrom } = options;
  const also = alsoFrom ? [alsoFrom.queue] : [];
  const id = name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  const physicalName = functionNameOf(place, name);
  const lambda = new sst.aws.Function(id, {
    name: physicalName,
    description: options.description,
    bundle: `dist/functions/${name}`,
    handler: "index.handler",
    runtime: "nodejs24.x",
    architecture: "arm64",
    memory: "512 MB",
    timeout: `${source.timeoutSeconds} seconds`,
    logging: { format: "json", retention: options.logRetention },
    // In `sst dev` a live function's role would trust the whole account.
    dev: false,
    transform: {
      role: (role) => {
        role.name = roleNameOf(place, name);
        role.assumeRolePolicy = trustOf("lambda.amazonaws.com");
        role.managedPolicyArns = [];
        role.inlinePolicies = [
          {
            name,
            policy: policy([...options.permissions, readsFrom([source, ...also]), writesLog(place, physicalName)]),
          },
        ];
      },
      function: (args) => {
        args.environment = { variables: { ...options.environment } };
      },
    },
  });
  const mapping = new aws.lambda.EventSourceMapping(`${id}FromQueue`, {
    eventSourceArn: source.queue.arn,
    functionName: lambda.arn,
    batchSize: options.batchSize,
    functionResponseTypes: ["ReportBatchItemFailures"],
    ...(source.batchingWindowSeconds ? { maximumBatchingWindowInSeconds: source.batchingWindowSeconds } : {}),
    ...(options.maximumConcurrency ? { scalingConfig: { maximumConcurrency: options.maximumConcurrency } } : {}),
  });
  if (alsoFrom) {
    new aws.lambda.EventSourceMapping(`${id}From${alsoFrom.id}`, {
      eventSourceArn: alsoFrom.queue.queue.arn,
      functionName: lambda.arn,
      batchSize: 1,
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
  }
  return { function: lambda, mapping };
}

/** What Lambda asks of the role whose function is fed by a queue. */
function readsFrom(sources: readonly WorkQueue[]): Statement {
  return {
    Sid: "ReadOwnQueue",
    Effect: "Allow",
    Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    Resource: sources.length === 1 ? arnOf(sources) : sources.map(({ queue }) => queue.arn),
  };
}

function arnOf([source]: readonly WorkQueue[]): $util.Input<string> {
  if (!source) throw new Error("a worker has a queue");
  return source.queue.arn;
}

function writesLog(place: Place, functionName: string): Statement {
  return {
    Sid: "WriteOwnLog",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: arnHere(place, "logs", `log-group:/aws/lambda/${functionName}:*`),
  };
}
