/** SQS behind the front door: each call is authorised, then served by fauxqs. */
import type { EmulatedService, NamedPolicy, WireRequest, WireResponse } from "../contract.ts";
import type { Access } from "./access.ts";
import { comingBack, createQueue, type Fauxqs, type FauxqsQueue } from "./fauxqs-queues.ts";
import type { QueueModel, StackModel } from "./model.ts";
import type { StackTime } from "./time.ts";
import type { Waiting } from "./waiting.ts";

export interface LocalQueue {
  readonly model: QueueModel;
  /** How many messages wait, are delayed, or are being worked on. */
  depth(): { readonly visible: number; readonly delayed: number; readonly inFlight: number };
  /** Delayed messages, and failed ones that are to be tried again; `count`: how many these are. */
  readonly later: Waiting & { readonly count: () => number };
}

export interface SqsService extends EmulatedService {
  readonly queues: ReadonlyMap<string, LocalQueue>;
  /** Calls an operation in process, as the wire would: for the pollers, which have a role of their own. */
  call(caller: WireRequest["caller"], operation: string, input: object): Promise<SqsAnswer>;
  /**
   * An AWS service or a role sends a message.
   *
   * @returns why the queue did not take it, or `undefined` when it did.
   */
  send(message: SentMessage): Promise<string | undefined>;
  /** Ends a message's invisibility after so many real seconds. Not a call of anyone's: a part of time itself. */
  releaseAfter(queueArn: string, receiptHandle: string, realSeconds: number): void;
}

export interface SentMessage {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly sender: Parameters<Access>[0]["caller"];
  readonly source?: { readonly arn: string; readonly account: string };
}

export type SqsAnswer =
  | { readonly kind: "ok"; readonly output: Readonly<Record<string, unknown>> }
  | { readonly kind: "error"; readonly message: string };

/** Operations that change what the graph says, which is the deployment's affair. */
const DEPLOYMENT_ONLY = ["CreateQueue", "DeleteQueue", "SetQueueAttributes"];

export function sqsService(parts: {
  readonly model: StackModel;
  readonly fauxqs: Fauxqs;
  readonly access: Access;
  readonly time: StackTime;
}): SqsService {
  const { model, fauxqs, access, time } = parts;
  const fauxqsByArn = new Map<string, FauxqsQueue>();
  const failed = new Map<string, Set<string>>();
  const queues = new Map<string, LocalQueue>();
  for (const queue of model.queues) {
    const created = createQueue(fauxqs.sqs, queue, queue.attributes, time);
    fauxqsByArn.set(queue.arn, created);
    const handles = new Set<string>();
    failed.set(queue.arn, handles);
    queues.set(queue.arn, { model: queue, depth: () => depthOf(created), later: comingBack(created, handles) });
  }

  async function handle(request: WireRequest): Promise<WireResponse> {
    const [, operation] = (request.headers["x-amz-target"] ?? "").split(".");
    const input = parseObject(request.body);
    if (!operation || !input) return sqsError(400, "InvalidAction", "an SQS request needs a target and a JSON body");
    if (DEPLOYMENT_ONLY.includes(operation)) {
      return sqsError(400, "UnsupportedOperation", "the local queues are those of the resource graph");
    }
    const queue = queueOf(input);
    const resource = queue?.arn ?? `arn:aws:sqs:${model.region}:${model.account}:${requestedName(input) ?? "*"}`;
    const action = `sqs:${operation.replace(/Batch$/, "")}`;
    const answer = access({ caller: request.caller, action, resource, resourcePolicy: queue?.policy });
    if (answer.kind === "denied") return sqsError(403, "AccessDenied", answer.message);
    if (operation === "GetQueueUrl" && queue) return json(200, { QueueUrl: queue.url });
    if (requestedName(input) !== undefined && !queue) {
      return sqsError(
        400,
        "QueueDoesNotExist",
        "The specified queue does not exist.",
        "AWS.SimpleQueueService.NonExistentQueue",
      );
    }
    return forward(operation, queue ? compressed(operation, input, queue) : input, request.headers.authorization);
  }

  function queueOf(input: Readonly<Record<string, unknown>>): QueueModel | undefined {
    const url = input.QueueUrl;
    return model.queues.find((queue) => queue.url === url || queue.name === input.QueueName);
  }

  /** The waits of a request, compressed; and the name in place of the URL, whose account fauxqs would not know. */
  function compressed(operation: string, input: Record<string, unknown>, queue: QueueModel): Record<string, unknown> {
    const named = { ...input, QueueUrl: `http://queue/${queue.name}` };
    const shorten = (value: unknown, otherwise: number) => time.seconds(typeof value === "number" ? value : otherwise);
    switch (operation) {
      case "SendMessage":
        return queue.fifo ? named : { ...named, DelaySeconds: shorten(input.DelaySeconds, queue.delaySeconds) };
      case "ReceiveMessage":
        return { ...named, VisibilityTimeout: shorten(input.VisibilityTimeout, queue.visibilitySeconds) };
      case "ChangeMessageVisibility":
        return { ...named, VisibilityTimeout: shorten(input.VisibilityTimeout, queue.visibilitySeconds) };
      case "SendMessageBatch": {
        if (queue.fifo) return named;
        const entries = Array.isArray(input.Entries) ? input.Entries : [];
        const Entries = entries.map((entry: Record<string, unknown>) => ({
          ...entry,
          DelaySeconds: shorten(entry.DelaySeconds, queue.delaySeconds),
        }));
        return { ...named, Entries };
      }
      case "ChangeMessageVisibilityBatch": {
        const entries = Array.isArray(input.Entries) ? input.Entries : [];
        const Entries = entries.map((entry: Record<string, unknown>) => ({
          ...entry,
          VisibilityTimeout: shorten(entry.VisibilityTimeout, queue.visibilitySeconds),
        }));
        return { ...named, Entries };
      }
      default:
        return named;
    }
  }

  async function forward(operation: string, input: object, authorization = ""): Promise<WireResponse> {
    const response = await fauxqs.app.inject({
      method: "POST",
      url: "/",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${operation}`,
        authorization,
      },
      payload: JSON.stringify(input),
    });
    const queryError = response.headers["x-amzn-query-error"];
    return {
      status: response.statusCode,
      headers: {
        "content-type": "application/x-amz-json-1.0",
        ...(typeof queryError === "string" ? { "x-amzn-query-error": queryError } : {}),
      },
      body: response.body,
    };
  }

  async function call(caller: WireRequest["caller"], operation: string, input: object): Promise<SqsAnswer> {
    const response = await handle({
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: { "x-amz-target": `AmazonSQS.${operation}` },
      body: JSON.stringify(input),
      caller,
    });
    const output = parseObject(response.body) ?? {};
    return response.status === 200 ? { kind: "ok", output } : { kind: "error", message: String(output.message) };
  }

  return {
    signingName: "sqs",
    queues,
    handle,
    call,
    async send({ queueArn, body, attributes = {}, sender, source }) {
      const queue = queues.get(queueArn)?.model;
      if (!queue) return `there is no queue \`${queueArn}\``;
      const policy: NamedPolicy | undefined = queue.policy;
      const question = { caller: sender, action: "sqs:SendMessage", resource: queueArn, resourcePolicy: policy };
      const answer = access({ ...question, ...(source ? { source } : {}) });
      if (answer.kind === "denied") return answer.message;
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
      );
      const input = { MessageBody: body, MessageAttributes };
      const response = await forward("SendMessage", compressed("SendMessage", input, queue));
      return response.status === 200 ? undefined : String(parseObject(response.body)?.message);
    },
    releaseAfter(queueArn, receiptHandle, realSeconds) {
      fauxqsByArn.get(queueArn)?.changeVisibility(receiptHandle, realSeconds);
      failed.get(queueArn)?.add(receiptHandle);
    },
  };
}

function depthOf(queue: FauxqsQueue): ReturnType<LocalQueue["depth"]> {
  queue.processTimers();
  const { ready, delayed, inflight } = queue.inspectMessages();
  return { visible: ready.length, delayed: delayed.length, inFlight: inflight.length };
}

function requestedName(input: Readonly<Record<string, unknown>>): string | undefined {
  const name = input.QueueName ?? input.QueueUrl;
  return typeof name === "string" ? name.split("/").at(-1) : undefined;
}

function sqsError(status: number, code: string, message: string, queryCode = code): WireResponse {
  const response = json(status, { __type: `com.amazonaws.sqs#${code}`, message });
  return { ...response, headers: { ...response.headers, "x-amzn-query-error": `${queryCode};Sender` } };
}

function json(status: number, body: object): WireResponse {
  return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(body) };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
