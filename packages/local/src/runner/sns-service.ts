/**
 * SNS behind the front door. fauxqs checks and answers a publish; the runner delivers it, because fauxqs knows no
 * email, no `MessageStructure` and no queue policies.
 */
import type { EmulatedService, WireRequest, WireResponse } from "../contract.ts";
import type { Access } from "./access.ts";
import type { Fauxqs } from "./fauxqs-queues.ts";
import type { StackModel, SubscriptionModel, TopicModel } from "./model.ts";
import type { SqsService } from "./sqs-service.ts";

/** An email as a subscriber gets it. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly topicArn: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface SnsService extends EmulatedService {
  readonly mailbox: readonly Mail[];
  /** Addresses that have not confirmed their subscriptions: nothing is sent to them. */
  readonly unconfirmed: Set<string>;
  /** An AWS service publishes. @returns why the topic refused, or `undefined`. */
  publish(
    notification: Notification,
    sender: string,
    source: { arn: string; account: string },
  ): Promise<string | undefined>;
}

export interface Notification {
  readonly topicArn: string;
  readonly message: string;
  readonly subject?: string | undefined;
  /** With `json`, the message holds one text a protocol. */
  readonly structure?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
}

// The account that fauxqs gives to everything.
const FAUXQS_ACCOUNT = ":000000000000:";
/** What the graph decides, and what fauxqs would deliver by itself. */
const REFUSED = ["CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "Unsubscribe", "PublishBatch"];

export function snsService(parts: {
  readonly model: StackModel;
  readonly fauxqs: Fauxqs;
  readonly access: Access;
  readonly sqs: SqsService;
  /** Told of each delivery that a queue refused. */
  readonly lacking: (text: string) => void;
}): SnsService {
  const { model, fauxqs, access, sqs } = parts;
  const mailbox: Mail[] = [];
  const unconfirmed = new Set<string>();
  const topics = new Map(model.topics.map((topic) => [topic.arn, topic]));
  for (const topic of model.topics) fauxqs.sns.createTopic(topic.name, {}, {}, model.region);

  async function handle(request: WireRequest): Promise<WireResponse> {
    const parameters = new URLSearchParams(request.body);
    const operation = parameters.get("Action") ?? "";
    if (REFUSED.includes(operation)) {
      return snsError(
        400,
        "InvalidAction",
        `the local topics are those of the resource graph, and know no ${operation}`,
      );
    }
    const arn = parameters.get("TopicArn") ?? parameters.get("ResourceArn") ?? "*";
    const topic = topics.get(arn);
    const question = {
      caller: request.caller,
      action: `sns:${operation}`,
      resource: arn,
      resourcePolicy: topic?.policy,
    };
    const answer = access(question);
    if (answer.kind === "denied") return snsError(403, "AuthorizationError", answer.message);
    if (operation === "ListSubscriptionsByTopic") return listSubscriptions(topic);
    const message = textsOf(parameters.get("Message") ?? "", parameters.get("MessageStructure") ?? undefined);
    if (operation === "Publish" && message.kind === "invalid")
      return snsError(400, "InvalidParameter", message.problem);

    const account = `:${model.account}:`;
    const response = await fauxqs.app.inject({
      method: "POST",
      url: "/",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: request.headers.authorization ?? "",
      },
      payload: formOf(parameters, (name, value) =>
        name.endsWith("Arn") ? value.replace(account, FAUXQS_ACCOUNT) : value,
      ),
    });
    if (operation === "Publish" && topic && response.statusCode === 200) {
      await deliver(topic, {
        topicArn: arn,
        message: parameters.get("Message") ?? "",
        subject: parameters.get("Subject") ?? undefined,
        structure: parameters.get("MessageStructure") ?? undefined,
        attributes: attributesOf(parameters),
      });
    }
    const body = response.body.replaceAll(FAUXQS_ACCOUNT, account);
    return { status: response.statusCode, headers: { "content-type": "text/xml" }, body };
  }

  function listSubscriptions(topic: TopicModel | undefined): WireResponse {
    if (!topic) return snsError(404, "NotFound", "Topic does not exist");
    const members = topic.subscriptions.map((one, index) => {
      const [protocol, endpoint] = one.kind === "email" ? ["email", one.address] : ["sqs", one.queueArn];
      const arn = unconfirmed.has(endpoint) ? "PendingConfirmation" : `${topic.arn}:${index}`;
      const texts = {
        SubscriptionArn: arn,
        Owner: model.account,
        Protocol: protocol,
        Endpoint: endpoint,
        TopicArn: topic.arn,
      };
      return `<member>${Object.entries(texts)
        .map(([name, text]) => `<${name}>${text}</${name}>`)
        .join("")}</member>`;
    });
    const list = `<ListSubscriptionsByTopicResult><Subscriptions>${members.join("")}</Subscriptions></ListSubscriptionsByTopicResult>`;
    const body = `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${list}</ListSubscriptionsByTopicResponse>`;
    return { status: 200, headers: { "content-type": "text/xml" }, body };
  }

  async function deliver(topic: TopicModel, notification: Notification): Promise<void> {
    const texts = textsOf(notification.message, notification.structure);
    if (texts.kind === "invalid") throw new Error(texts.problem);
    for (const subscription of topic.subscriptions) await deliverTo(subscription, topic, notification, texts);
  }

  async function deliverTo(
    subscription: SubscriptionModel,
    topic: TopicModel,
    notification: Notification,
    texts: ProtocolTexts,
  ): Promise<void> {
    const at = new Date().toISOString();
    switch (subscription.kind) {
      case "email":
        if (unconfirmed.has(subscription.address)) return;
        mailbox.push({
          to: subscription.address,
          subject: notification.subject ?? "AWS Notification Message",
          text: texts.of("email"),
          topicArn: topic.arn,
          at,
        });
        return;
      case "queue": {
        const envelope = {
          Type: "Notification",
          MessageId: crypto.randomUUID(),
          TopicArn: topic.arn,
          ...(notification.subject === undefined ? {} : { Subject: notification.subject }),
          Message: texts.of("sqs"),
          Timestamp: at,
        };
        const refusal = await sqs.send({
          queueArn: subscription.queueArn,
          body: subscription.raw ? texts.of("sqs") : JSON.stringify(envelope),
          attributes: subscription.raw ? (notification.attributes ?? {}) : {},
          sender: { kind: "service", name: "sns.amazonaws.com" },
          source: { arn: topic.arn, account: model.account },
        });
        if (refusal !== undefined) parts.lacking(`topic ${topic.name} could not deliver: ${refusal}`);
        return;
      }
      default:
        return subscription satisfies never;
    }
  }

  return {
    signingName: "sns",
    mailbox,
    unconfirmed,
    handle,
    async publish(notification, sender, source) {
      const topic = topics.get(notification.topicArn);
      if (!topic) return `there is no topic \`${notification.topicArn}\``;
      // A topic without a policy of its own has the one that SNS gives it, which admits the owner's account.
      if (topic.policy) {
        const caller = { kind: "service" as const, name: sender };
        const answer = access({
          caller,
          action: "sns:Publish",
          resource: topic.arn,
          resourcePolicy: topic.policy,
          source,
        });
        if (answer.kind === "denied") return answer.message;
      }
      await deliver(topic, notification);
      return undefined;
    },
  };
}

function formOf(parameters: URLSearchParams, change: (name: string, value: string) => string): string {
  const form = new URLSearchParams();
  for (const [name, value] of parameters) form.append(name, change(name, value));
  return form.toString();
}

type ProtocolTexts = { readonly kind: "texts"; of(protocol: string): string };

function textsOf(message: string, structure: string | undefined): ProtocolTexts | { kind: "invalid"; problem: string } {
  if (structure !== "json") return { kind: "texts", of: () => message };
  const invalid = {
    kind: "invalid" as const,
    problem: "Invalid parameter: Message Structure - No default entry in JSON message body",
  };
  try {
    const json: unknown = JSON.parse(message);
    const texts = new Map(Object.entries(json ?? {}).filter(([, text]) => typeof text === "string"));
    const fallback = texts.get("default");
    return fallback === undefined ? invalid : { kind: "texts", of: (protocol) => texts.get(protocol) ?? fallback };
  } catch {
    return { kind: "invalid", problem: "Invalid parameter: Message Structure - JSON message body failed to parse" };
  }
}

function attributesOf(parameters: URLSearchParams): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [key, name] of parameters) {
    const [, index] = /^MessageAttributes\.entry\.(\d+)\.Name$/.exec(key) ?? [];
    const value = parameters.get(`MessageAttributes.entry.${index}.Value.StringValue`);
    if (index !== undefined && value !== null) attributes[name] = value;
  }
  return attributes;
}

function snsError(status: number, code: string, message: string): WireResponse {
  const text = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${text}</Message></Error></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}
