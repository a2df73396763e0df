import { type Place, roleArnOf } from "./place.ts";

const NAMES = [
  "intake",
  "reconcile",
  "sweep",
  "callers",
  "announce",
  "notify-slack",
  "schedule",
  "digest",
  "chat",
  "forward",
];

/**
 * The ARNs of all roles that this stack may have; some settings leave some of them out. Free of SST, so that tests can
 * read it.
 */
export function guardRoles(place: Place): readonly string[] {
  return NAMES.map((name) => roleArnOf(place, name));
}
