/** SQS: a standard queue and a FIFO queue with groups, as far as their deliveries go. */
import type { SQSRecord } from "aws-lambda";
import type { Engine } from "../engine.ts";
import type { Random } from "../random.ts";

export interface QueueOptions {
  readonly name: string;
  readonly visibilityMs: number;
  readonly attempts: number;
  readonly fifo: boolean;
  /** How likely a standard queue delivers a message once more. */
  readonly duplicates: number;
}

interface Message {
  readonly id: string;
  readonly order: number;
  readonly body: string;
  readonly group: string;
  visibleAt: number;
  receives: number;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html */
const DEDUPLICATION_MS = 5 * 60_000;

export class QueueModel {
  readonly options: QueueOptions;
  readonly deadLetters: string[] = [];
  /** Changes how a message is taken, or loses it: a planted bug. */
  onSend: (body: string, options: SendOptions) => SendOptions | "lost" = (_, options) => options;
  /** Called when a message may have become visible. */
  onVisible: () => void = () => {};
  readonly #engine: Engine;
  readonly #random: Random;
  readonly #messages = new Map<string, Message>();
  readonly #seen = new Map<string, number>();
  #sent = 0;

  constructor(engine: Engine, random: Random, options: QueueOptions) {
    this.#engine = engine;
    this.#random = random;
    this.options = options;
  }

  get size(): number {
    return this.#messages.size;
  }

  send(body: string, options: SendOptions = {}): void {
    const taken = this.onSend(body, options);
    if (taken === "lost") return;
    const { delayMs = 0, group = "", deduplication } = taken;
    if (deduplication !== undefined) {
      const former = this.#seen.get(deduplication);
      if (former !== undefined && this.#engine.now - former < DEDUPLICATION_MS) return;
      this.#seen.set(deduplication, this.#engine.now);
    }
    this.#add(body, group, delayMs);
  }

  #add(body: string, group: string, delayMs: number): void {
    const order = this.#sent++;
    const id = `${this.options.name}-${order}`;
    this.#messages.set(id, { id, order, body, group, visibleAt: this.#engine.now + delayMs, receives: 0 });
    this.#engine.after(delayMs, () => this.onVisible());
  }

  /** What a poll receives: hidden from others until it is deleted or its visibility timeout is over. */
  receive(most: number): readonly SQSRecord[] {
    const now = this.#engine.now;
    const taken: Message[] = [];
    for (const message of this.#candidates()) {
      if (taken.length >= most) break;
      if (message.receives >= this.options.attempts) {
        this.#messages.delete(message.id);
        this.deadLetters.push(message.body);
        continue;
      }
      taken.push(message);
    }
    for (const message of taken) {
      message.receives++;
      message.visibleAt = now + this.options.visibilityMs;
      this.#engine.after(this.options.visibilityMs, () => this.onVisible());
    }
    return taken.map((message) => this.#record(message));
  }

  #candidates(): readonly Message[] {
    const now = this.#engine.now;
    const all = [...this.#messages.values()];
    if (!this.options.fifo) {
      const visible = all.filter(({ visibleAt }) => visibleAt <= now);
      // A standard queue promises no order.
      return visible.length > 1 && this.#random.chance(0.3) ? visible.reverse() : visible;
    }
    // Of a group of which something is still being worked on, nothing is given.
    const locked = new Set(
      all.filter(({ visibleAt, receives }) => receives > 0 && visibleAt > now).map((m) => m.group),
    );
    return all
      .filter(({ visibleAt, group }) => visibleAt <= now && !locked.has(group))
      .sort((a, b) => a.order - b.order);
  }

  delete(id: string): void {
    const message = this.#messages.get(id);
    if (!message) return;
    this.#messages.delete(id);
    if (this.options.fifo || !this.#random.chance(this.options.duplicates)) return;
    this.#add(message.body, message.group, this.#random.between(100, 60_000));
  }

  receives(id: string): number {
    return this.#messages.get(id)?.receives ?? 0;
  }

  #record({ id, body, group, receives }: Message): SQSRecord {
    return {
      messageId: id,
      receiptHandle: id,
      body,
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: String(this.#engine.now),
        SenderId: "chaos",
        ApproximateFirstReceiveTimestamp: String(this.#engine.now),
        ...(this.options.fifo ? { MessageGroupId: group } : {}),
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: `arn:aws:sqs:eu-west-1:111122223333:${this.options.name}`,
      awsRegion: "eu-west-1",
    };
  }
}

export interface SendOptions {
  readonly delayMs?: number;
  /** Of a FIFO queue's message. */
  readonly group?: string;
  /** Of a FIFO queue's message. */
  readonly deduplication?: string;
}
