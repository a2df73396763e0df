/** Tags of roles and users. */
import { isJsonObject } from "../shared/json.ts";
import { structured } from "../shared/structured.ts";
import { type IamCall, invalid, type NamedOperation } from "./call.ts";
import { mustBeModifiable, requireIdentity, SPELLING } from "./holder-calls.ts";
import type { Identity } from "./identities.ts";

export const tagOperations: readonly NamedOperation[] = (["role", "user"] as const).flatMap(operationsOf);

function operationsOf(kind: "role" | "user"): readonly NamedOperation[] {
  const [tag, untag] = [`Tag${SPELLING[kind]}`, `Untag${SPELLING[kind]}`];
  return [
    [
      tag,
      {
        writes: true,
        run(call) {
          const tags = requestedTags(call);
          const identity = requireIdentity(call, kind, `iam:${tag}`, requestContext(tags));
          mustBeModifiable(identity);
          putTags(identity, tags);
          return undefined;
        },
      },
    ],
    [
      untag,
      {
        writes: true,
        run(call) {
          const keys = requestedKeys(call);
          const identity = requireIdentity(call, kind, `iam:${untag}`, keysContext(keys));
          mustBeModifiable(identity);
          for (const key of keys) dropTag(identity, key);
          return undefined;
        },
      },
    ],
  ];
}

type Tags = readonly (readonly [key: string, value: string])[];

/** The `Tags` of a request; none where it has none. */
export function requestedTags({ input }: IamCall): Tags {
  const list = structured(input).Tags ?? [];
  if (!Array.isArray(list)) throw invalid("Tags must be a list.");
  return list.map((tag) => {
    const { Key, Value } = isJsonObject(tag) ? tag : {};
    if (typeof Key !== "string" || Key === "" || typeof Value !== "string")
      throw invalid("A tag needs a key and a value.");
    return [Key, Value] as const;
  });
}

/** The condition keys of a request that brings tags. */
export function requestContext(tags: Tags): Record<string, readonly string[]> {
  const values = tags.map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, [value]] as const);
  return { ...Object.fromEntries(values), ...keysContext(tags.map(([key]) => key)) };
}

/** Tag keys are unique whatever the letters' size is, which is kept as it was given last. */
export function putTags(identity: Identity, tags: Tags): void {
  for (const [key, value] of tags) {
    dropTag(identity, key);
    identity.tags.set(key, value);
  }
}

function requestedKeys({ input }: IamCall): readonly string[] {
  const list = structured(input).TagKeys;
  const keys = Array.isArray(list) ? list.filter((key) => typeof key === "string") : [];
  if (keys.length === 0) throw invalid("The request must contain the parameter TagKeys.");
  return keys;
}

function keysContext(keys: readonly string[]): Record<string, readonly string[]> {
  return keys.length === 0 ? {} : { "aws:tagkeys": keys };
}

function dropTag({ tags }: Identity, key: string): void {
  for (const known of tags.keys()) if (known.toLowerCase() === key.toLowerCase()) tags.delete(known);
}
