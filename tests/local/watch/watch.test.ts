/** The guard tells when it is itself broken: on the stack as it is deployed, by mail and in Slack. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createAgent, createKey, createRole } from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { healthyTrail, type LocalTrail } from "../../../packages/local/src/services/cloudtrail.ts";

/** With a clock that passes by as people wait: who was just told of one thing is told of the next a little later. */
const open = () =>
  openTheatre(
    timeline(() => {}),
    { timeScale: 300, clock: "compressed" },
  );

/** The values of a metric of the sweep function, in the order of its log. */
function counted({ laptop: { stack } }: Theatre, metric: string): readonly number[] {
  return stack.logs
    .filter(({ line }) => line.includes('"_aws"') && line.includes(`"${metric}"`))
    .flatMap(({ line }) => [(JSON.parse(line) as Record<string, number | number[]>)[metric] ?? []].flat());
}

describe("once a sweep, the guard", () => {
  let theatre: Theatre;
  beforeAll(async () => {
    theatre = await open();
    await theatre.settle();
  });
  afterAll(() => theatre.stop());

  const setTrails = (...trails: readonly LocalTrail[]) => {
    const { world } = theatre.laptop;
    world.trails.splice(0, world.trails.length, ...trails);
  };
  const subjects = async () => {
    await sweepNow(theatre.laptop.stack);
    return (await theatre.settle()).map(({ subject, text }) => ({ subject, text }));
  };
  const healthy = () => healthyTrail(theatre.account, "us-east-1");

  test("finds nothing to tell of a trail of all Regions, wherever it is at home", async () => {
    setTrails(healthy());
    expect(await subjects()).toEqual([]);
    expect(counted(theatre, "SelfCheckFailed")).toEqual([0, 0]);
    expect(counted(theatre, "TrailsNotKnown")).toEqual([0, 0]);
  });

  test("tells that a trail was stopped, with the command that starts it, and that it logs again", async () => {
    setTrails({ ...healthy(), logging: false });
    const posts = theatre.laptop.slack.posted.length;
    const [mail, ...others] = await subjects();
    expect(others).toEqual([]);
    expect(mail?.subject).toMatch(/ critical: the guard hears of no change$/);
    expect(mail?.text).toContain(`aws cloudtrail start-logging --region us-east-1 --name ${healthy().arn}`);
    expect(JSON.stringify(theatre.laptop.slack.posted.slice(posts))).toContain("no trail of CloudTrail logs");
    expect(await subjects()).toEqual([]);
    setTrails(healthy());
    expect((await subjects()).map(({ text }) => text).join()).toContain("no trail of CloudTrail logs");
  });

  test("tells of a trail that leaves KMS out", async () => {
    const EventSelectors = [
      { ReadWriteType: "All", IncludeManagementEvents: true, ExcludeManagementEventSources: ["kms.amazonaws.com"] },
    ];
    setTrails({ ...healthy(), selectors: { EventSelectors } });
    expect((await subjects()).map(({ text }) => text).join()).toContain("kms.amazonaws.com");
    setTrails(healthy());
    await subjects();
  });

  test("raises no alarm for an organization's trail that it can't read", async () => {
    setTrails({ ...healthyTrail("999988887777", "us-east-1"), organization: true });
    expect(await subjects()).toEqual([]);
    expect(counted(theatre, "SelfCheckFailed").at(-1)).toBe(0);
    expect(counted(theatre, "TrailsNotKnown").at(-1)).toBe(1);
    setTrails(healthy());
  });

  test("tells Slack, where somebody hears it, that an address has not confirmed", async () => {
    const { stack, slack } = theatre.laptop;
    stack.unconfirmed.add("security@example.com");
    const posts = slack.posted.length;
    expect(await subjects()).toEqual([]);
    expect(JSON.stringify(slack.posted.slice(posts))).toContain("security@example.com has not confirmed");
    stack.unconfirmed.clear();
    const [mail] = await subjects();
    expect(mail?.text).toContain("security@example.com");
  });

  test("goes on where CloudTrail does not answer, and an alarm tells of it", async () => {
    const error = { code: "InternalFailure", status: 500 };
    theatre.laptop.world.failNext({ service: "cloudtrail", operation: "DescribeTrails", times: 4, error });
    await subjects();
    expect(counted(theatre, "SelfCheckFailed").at(-1)).toBe(1);
    expect(counted(theatre, "SweepFinished").at(-1)).toBe(1);
    const alarm = "bedrock-key-guard-local-self-check";
    await vi.waitFor(() => expect(theatre.laptop.stack.alarmState(alarm)).toBe("ALARM"), 5_000);
  });
});

test("who tells people is broken: alarms reach mail and Slack all the same", { timeout: 60_000 }, async () => {
  let crashes = 0;
  const theatre = await openTheatre(
    timeline(() => {}),
    {
      timeScale: 600,
      onInvoke: (name, _event, kill) => {
        if (!name.endsWith("-announce")) return;
        crashes += 1;
        kill();
      },
    },
  );
  try {
    const { developer } = theatre.people;
    const role = await createRole(developer, "Role-untold");
    await createAgent(developer, "untold", await createKey(developer), role);
    const { stack, slack } = theatre.laptop;
    await vi.waitFor(() => expect(crashes).toBeGreaterThan(0), 20_000);
    const alarm = "bedrock-key-guard-local-announce-errors";
    await vi.waitFor(() => expect(stack.alarmState(alarm)).toBe("ALARM"), 20_000);
    await vi.waitFor(
      () => expect(stack.mailbox.map(({ subject }) => subject)).toContain(`ALARM: "${alarm}" in eu-west-1`),
      5_000,
    );
    await vi.waitFor(() => expect(JSON.stringify(slack.posted)).toContain(alarm), 10_000);
    // Nothing else told anyone.
    expect(stack.mailbox.every(({ topicArn }) => topicArn.endsWith("-health"))).toBe(true);
  } finally {
    await theatre.stop();
  }
});
