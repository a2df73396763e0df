import type { Alert } from "../../packages/core/src/alert/alert.ts";
import { accountOf } from "../../packages/core/src/arn.ts";
import { sampleAgentId, sampleCause, sampleKey } from "./samples.ts";

export function sampleAlert(change: Partial<Alert> = {}): Alert {
  return {
    v: 2,
    id: "alert-0123456789abcdef",
    at: "2026-11-02T10:00:05.000Z",
    kind: "problem",
    severity: "high",
    mode: "enforce",
    subject: "a Deny blocks its key, key 11111111 of agent-1",
    headline: "A Deny in the key's policy refuses what agent-1 needs.",
    account: { id: accountOf(sampleKey()), alias: "acme-production" },
    region: "eu-west-1",
    keys: [{ arn: sampleKey(), aliases: ["alias/agents"] }],
    callers: [],
    agents: [{ id: sampleAgentId(), name: "agent-1" }],
    causes: [sampleCause, { kind: "sweep", id: "sweep-1/1", at: "2026-11-02T10:00:04.000Z", whole: true }],
    findings: [
      {
        refs: ["0123456789ab"],
        kind: "blocked-by-deny",
        change: "opened",
        caller: undefined,
        severity: "high",
        key: sampleKey(),
        agents: [sampleAgentId()],
        since: "2026-11-02T10:00:05.000Z",
        resolved: undefined,
        times: 1,
        title: "a Deny refuses service-sessions",
        detail: "Bedrock may not call kms:Decrypt for agent-1.",
        evidence: ['{\n  "Sid": "NoServices",\n  "Effect": "Deny"\n}'],
        diff: ["+ {", '+   "Sid": "BedrockKeyGuardServiceSessions"', "+ }"],
        remedy: ["narrow the Deny, or take it out"],
      },
    ],
    sections: [],
    nextSteps: ["read the statement, then:", "aws kms get-key-policy --key-id KEY --policy-name default"],
    wayBack: [
      "To hear no more of it for a while:",
      "npx bedrock-key-guard silence 0123456789ab --table T --region eu-west-1",
    ],
    thread: "alert-0123456789abcdef",
    perhapsAgain: false,
    ...change,
  };
}
