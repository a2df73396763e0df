import { objectList, requiredText, textList } from "../shared/input.ts";
import { type KmsOperation, mustBeCustomerManaged, peek, requireKey } from "./call.ts";
import { mustNotBePendingDeletion } from "./lifecycle.ts";

export const listResourceTags: KmsOperation = {
  writes: false,
  run(call) {
    const key = requireKey(call, { action: "kms:ListResourceTags" });
    const tags = [...key.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    return { Tags: tags, Truncated: false };
  },
};

export const tagResource: KmsOperation = {
  writes: true,
  run(call) {
    mustBeCustomerManaged(peek(call));
    const tags = objectList(call.input, "Tags").map(
      (tag) => [requiredText(tag, "TagKey"), requiredText(tag, "TagValue")] as const,
    );
    const context = {
      ...Object.fromEntries(tags.map(([name, value]) => [`aws:requesttag/${name.toLowerCase()}`, [value]])),
      "aws:tagkeys": tags.map(([name]) => name),
    };
    const key = requireKey(call, { action: "kms:TagResource", context });
    mustNotBePendingDeletion(key);
    for (const [name, value] of tags) key.tags.set(name, value);
    return {};
  },
};

export const untagResource: KmsOperation = {
  writes: true,
  run(call) {
    mustBeCustomerManaged(peek(call));
    const names = textList(call.input, "TagKeys");
    const key = requireKey(call, { action: "kms:UntagResource", context: { "aws:tagkeys": names } });
    mustNotBePendingDeletion(key);
    for (const name of names) key.tags.delete(name);
    return {};
  },
};
