import { accountOf } from "../../packages/core/src/arn.ts";
import type { Alert } from "../../packages/core/src/finding/alert.ts";
import { sampleAgentId, sampleCause, sampleKey } from "./samples.ts";

export function sampleAlert(change: Partial<Alert> = {}): Alert {
  return {
    v: 1,
    id: "2026-11-02T10:00:05.000Z-1",
    at: "2026-11-02T10:00:05.000Z",
    kind: "problem",
    severity: "high",
    subject: "[high] agent-1: a Deny blocks its key",
    headline: "A Deny in the key's policy refuses what agent-1 needs.",
    account: accountOf(sampleKey()),
    region: "eu-west-1",
    key: sampleKey(),
    callers: [],
    agents: [{ id: sampleAgentId(), name: "agent-1" }],
    causes: [sampleCause, { kind: "sweep", id: "sweep-1/1", at: "2026-11-02T10:00:04.000Z", whole: true }],
    diff: ["+ {", '+   "Sid": "BedrockKeyGuardServiceSessions"', "+ }"],
    findings: [
      {
        id: `blocked-by-deny|${sampleKey()}|service-sessions`,
        kind: "blocked-by-deny",
        caller: undefined,
        severity: "high",
        key: sampleKey(),
        agents: [sampleAgentId()],
        title: "a Deny refuses service-sessions",
        detail: "Bedrock may not call kms:Decrypt for agent-1.",
        evidence: ['{\n  "Sid": "NoServices",\n  "Effect": "Deny"\n}'],
        remedy: ["narrow the Deny, or take it out"],
      },
    ],
    nextSteps: ["read the statement, then:", "aws kms get-key-policy --key-id KEY --policy-name default"],
    text: "PROBLEM (high): A Deny in the key's policy refuses what agent-1 needs.\n",
    ...change,
  };
}
