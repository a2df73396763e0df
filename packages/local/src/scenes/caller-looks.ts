/** What callers of agents ask of KMS themselves. */
import type { MadeAgent } from "./acts.ts";
import { expectThat, type Stage } from "./stage.ts";
import { keyName } from "./timeline.ts";

const SOMEONE_ELSE = "OTHERAGENT";

/**
 * A caller asks for a data key under the agent's encryption context, and under another agent's, which it never gets. The
 * answers are told and checked.
 */
export async function callerAsks(
  stage: Stage,
  lead: "before" | "after",
  callerArn: string,
  agent: MadeAgent,
  expected: boolean,
): Promise<void> {
  const other = agent.arn.replace(agent.id, SOMEONE_ELSE);
  const allowed = await stage.callerCanUse(callerArn, agent.keyArn, agent.arn);
  const beyond = await stage.callerCanUse(callerArn, agent.keyArn, other);
  const said = (yes: boolean) => (yes ? "allowed" : "refused");
  const who = callerArn.split(":").at(-1);
  stage.timeline.line(
    lead,
    `${who} asks for a data key of ${keyName(agent.keyArn)} for agent "${agent.name}": ${said(allowed)}; for another agent: ${said(beyond)}`,
  );
  expectThat(allowed === expected, `the caller's GenerateDataKey should be ${said(expected)} here`);
  expectThat(!beyond, "the caller's GenerateDataKey for another agent should be refused");
}
