/** Brings stored alerts to the channels, in order. A channel that is down holds up nobody but itself. */
import type { Channel } from "../channel/channel.ts";
import { isWorse } from "../finding/finding.ts";
import type { Clock, Log } from "../ports.ts";
import type { Alert } from "./alert.ts";
import type { Dispatch, Outbox } from "./ports.ts";

export interface DeliverPorts {
  readonly channels: readonly Channel[];
  readonly outbox: Outbox;
  /** Keeps for the digest that an alert perhaps did not arrive; before it is forgotten, so that a crash loses neither. */
  doubt(line: string): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Deliveries {
  readonly delivered: readonly { readonly channel: string; readonly alert: Alert }[];
  readonly failed: readonly { readonly channel: string; readonly error: unknown }[];
}

/** For so long a channel that deduplicates knows what it was given; SQS says five minutes. */
const KNOWN_FOR_MS = 4 * 60_000;
/** What no channel takes for so long is given up: nobody wants to be told of it any more. */
const GIVEN_UP_AFTER_MS = 3 * 24 * 3_600_000;

/** @param dispatches - oldest first */
export async function deliverAll(dispatches: readonly Dispatch[], ports: DeliverPorts): Promise<Deliveries> {
  const delivered: { channel: string; alert: Alert }[] = [];
  const failed = new Map<string, unknown>();
  for (const dispatch of dispatches) {
    let current = dispatch;
    for (const name of dispatch.left) {
      const channel = ports.channels.find((one) => one.name === name);
      const age = Date.parse(ports.clock.now()) - Date.parse(dispatch.alert.at);
      if (!channel || age > GIVEN_UP_AFTER_MS) {
        ports.log.warn("an alert is given up", { alert: dispatch.alert.id, channel: name });
        current = without(current, name);
        await ports.outbox.save(current);
        continue;
      }
      // In its order: behind one that the channel did not take, nothing else is given to it.
      if (failed.has(name)) continue;
      const way = wayOf(current, channel, ports.clock.now());
      if (way === "doubtful") await ports.doubt(doubtOf(name, dispatch.alert));
      else {
        // Of several tries, when the first was: what a channel knows of it is forgotten so long after that one.
        const at = current.trying?.channel === name ? current.trying.at : ports.clock.now();
        current = { ...current, trying: { channel: name, at } };
        await ports.outbox.save(current);
        const alert = way === "again" ? { ...dispatch.alert, perhapsAgain: true } : dispatch.alert;
        try {
          await channel.deliver(alert);
          delivered.push({ channel: name, alert });
        } catch (error) {
          failed.set(name, error);
          ports.log.warn("a channel did not take an alert", { alert: alert.id, channel: name, error });
          current = { ...current, trying: undefined, failed: [...new Set([...current.failed, name])] };
          await ports.outbox.save(current);
          continue;
        }
      }
      current = without(current, name);
      // The last one goes with the alert itself.
      if (current.left.length > 0) await ports.outbox.save(current);
    }
    if (current.left.length === 0) await ports.outbox.remove(current);
  }
  return { delivered, failed: [...failed].map(([channel, error]) => ({ channel, error })) };
}

/** What to do where an earlier try ended without an answer. */
function wayOf({ trying, failed, alert }: Dispatch, channel: Channel, now: string): "first" | "again" | "doubtful" {
  // A timeout is no refusal: the channel may have taken it. Told twice is better than never.
  const retry = failed.includes(channel.name) ? "again" : "first";
  if (trying?.channel !== channel.name) return retry;
  if (channel.deduplicates && Date.parse(now) - Date.parse(trying.at) < KNOWN_FOR_MS) return retry;
  return isWorse(alert.severity, "medium") ? "again" : "doubtful";
}

/** The digest has not much room for one. */
const MOST_REFS = 20;

function doubtOf(channel: string, { headline, findings }: Alert): string {
  const refs = findings.flatMap((one) => one.refs).slice(0, MOST_REFS);
  return `${channel}: ${headline} [${refs.join(" ")}]`;
}

function without(dispatch: Dispatch, name: string): Dispatch {
  return { ...dispatch, left: dispatch.left.filter((one) => one !== name), trying: undefined };
}
