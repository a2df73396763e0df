/** CloudTrail: a record of each change, which EventBridge delivers late, twice, out of order or never. */
import type { AgentId, KeyArn } from "../../packages/core/src/arn.ts";
import type { Engine } from "./engine.ts";
import type { QueueModel } from "./models/queues.ts";
import { ACCOUNT, GUARD_ROLE } from "./names.ts";
import type { Random } from "./random.ts";
import { short, type Trace } from "./trace.ts";

export interface DeliveryRates {
  readonly dropped: number;
  readonly twice: number;
  /** Minutes or hours late, where it usually takes seconds. */
  readonly late: number;
}

export class Trail {
  rates: DeliveryRates = { dropped: 0, twice: 0, late: 0 };
  /** The eventIDs of records that were never delivered. */
  readonly dropped = new Set<string>();
  readonly #engine: Engine;
  readonly #random: Random;
  readonly #intake: QueueModel;
  readonly #trace: Trace;
  #ids = 0;

  constructor(engine: Engine, random: Random, intake: QueueModel, trace: Trace) {
    this.#engine = engine;
    this.#random = random;
    this.#intake = intake;
    this.#trace = trace;
  }

  nextId(): string {
    return `event-${++this.#ids}`;
  }

  guardPut(key: KeyArn, policy: string, eventId: string): void {
    this.#keyEvent(key, "PutKeyPolicy", GUARD_ROLE, eventId, { keyId: key, policyName: "default", policy });
  }

  foreignPut(key: KeyArn, policy: string, by: string, eventId: string): void {
    this.#keyEvent(key, "PutKeyPolicy", by, eventId, { keyId: key, policyName: "default", policy });
  }

  keyChanged(key: KeyArn, eventName: string, by: string): void {
    this.#keyEvent(key, eventName, by, this.nextId(), { keyId: key });
  }

  agentChanged(agentId: AgentId, eventName: string, by: string): void {
    const answered = eventName === "CreateAgent" ? { agent: { agentId } } : { agentId };
    const asked = eventName === "CreateAgent" ? {} : { agentId };
    this.#deliver(eventName, this.nextId(), short(agentId), by, {
      eventSource: "bedrock.amazonaws.com",
      requestParameters: asked,
      responseElements: answered,
    });
  }

  #keyEvent(key: KeyArn, eventName: string, by: string, id: string, requestParameters: object): void {
    this.#deliver(eventName, id, short(key), by, {
      eventSource: "kms.amazonaws.com",
      requestParameters,
      resources: [{ ARN: key }],
    });
  }

  #deliver(eventName: string, eventID: string, what: string, by: string, detail: object): void {
    const random = this.#random;
    const session = `${by.replace(":iam:", ":sts:").replace(/:role\/(?:.*\/)?/, ":assumed-role/")}/session`;
    const record = {
      "detail-type": "AWS API Call via CloudTrail",
      account: ACCOUNT,
      detail: {
        ...detail,
        eventID,
        eventName,
        // CloudTrail's times have whole seconds.
        eventTime: `${this.#engine.iso.slice(0, 19)}Z`,
        userIdentity: { type: "AssumedRole", arn: session, sessionContext: { sessionIssuer: { arn: by } } },
      },
    };
    if (random.chance(this.rates.dropped)) {
      this.dropped.add(eventID);
      this.#trace.add("cloudtrail", () => `${eventName} of ${what} (${eventID}) is never delivered`);
      return;
    }
    const copies = random.chance(this.rates.twice) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = this.#delay();
      this.#trace.add("cloudtrail", () => `${eventName} of ${what} (${eventID}) arrives in ${delayMs / 1000} s`);
      this.#engine.after(delayMs, () => this.#intake.send(JSON.stringify(record)));
    }
  }

  #delay(): number {
    const random = this.#random;
    if (!random.chance(this.rates.late)) return random.between(500, 8_000);
    return random.pick([30_000, 120_000, 600_000, 2 * 3_600_000, 9 * 3_600_000]) + random.between(0, 60_000);
  }
}
