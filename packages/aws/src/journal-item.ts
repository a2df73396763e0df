/** The journal's items, also those that were written before there were rollbacks: entries are never rewritten. */
import type { JournalEntry, JournalSummary } from "@bedrock-key-guard/core/key/journal.ts";
import { policyDigest } from "@bedrock-key-guard/core/policy/canonical.ts";
import * as z from "zod";
import { causes, id, keyArnText, orUndefined, policyText, time, words } from "./schema.ts";

const summarised = {
  id,
  at: time,
  state: z.enum(["opened", "put", "abandoned", "refused", "verified", "told"]),
  putAt: orUndefined(time),
  /** Absent in older items; it follows from `before`. */
  beforeDigest: id.optional(),
  afterDigest: id,
  action: z.enum(["repair", "rollback", "restore"]).default("repair"),
  regains: z.array(words).default([]),
};

type SummaryItem = Omit<JournalSummary, "beforeDigest"> & { readonly beforeDigest?: string | undefined };

export const summaryItem: z.ZodType<SummaryItem> = z.object(summarised);

export const SUMMARY_ATTRIBUTES: readonly string[] = Object.keys(summarised);

const lines = z.array(words).optional();

export const entry: z.ZodType<JournalEntry> = z
  .object({
    ...summarised,
    key: keyArnText,
    by: words.default("guard"),
    before: policyText,
    after: policyText,
    causes,
    diff: lines,
    /** The diff of an entry that could only add. */
    added: lines,
  })
  .transform(({ added, diff = added, beforeDigest, ...rest }, context): JournalEntry => {
    if (diff !== undefined) return { ...rest, beforeDigest: beforeDigest ?? policyDigest(rest.before), diff };
    context.addIssue({ code: "custom", path: ["diff"], message: "absent" });
    return z.NEVER;
  });
