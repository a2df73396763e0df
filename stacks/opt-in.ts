import type { Settings } from "./settings.ts";

/**
 * What a function that writes has to know of the opt-in tag, which IAM asks for before it lets a policy be put: that a
 * key or a caller lacks the tag is then something to tell, not a call that fails. Nothing where no such tag is set.
 *
 * Free of SST, so that tests can read it for other settings than those of the resource graph.
 */
export function optInVariables({ tags: { optIn } }: Settings): Readonly<Record<string, string>> {
  return optIn ? { OPT_IN_TAG_KEY: optIn.key, OPT_IN_TAG_VALUE: optIn.value } : {};
}
