/** Small texts about findings that every room uses: who did something, and harmless names. */
import type { Actor, Cause } from "../key/job.ts";

/** Who did it, as CloudTrail tells. */
export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "event":
      return `${cause.at}  ${plain(cause.eventName)} by ${actorText(cause.actor)}`;
    case "sweep":
      return `${cause.at}  found by the scheduled sweep (no event was seen for it)`;
    case "person":
      return `${cause.at}  asked for by ${plain(cause.by)}: ${plain(cause.reason)}`;
    default:
      return cause satisfies never;
  }
}

export function actorText(actor: Actor): string {
  const session = actor.sessionName ? ` (session ${plain(actor.sessionName)})` : "";
  const through = actor.invokedBy ? `, through ${plain(actor.invokedBy)}` : "";
  return `${plain(actor.arn)}${session}${through}`;
}

/** Names come from outside: control characters and direction marks could make a line look like another. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
