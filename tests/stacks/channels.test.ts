/** A channel that is not set deploys nothing: no resource, no permission, no variable. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensurePlatform } from "../../scripts/sst-platform.ts";
import { settingsFor } from "../../stacks/settings.ts";
import { allRules } from "./all-rules.ts";
import { type Graph, readGraph, root, storedGraph } from "./graph.ts";

const directory = mkdtempSync(join(tmpdir(), "graph-"));
beforeAll(() => ensurePlatform(root));
afterAll(() => rmSync(directory, { recursive: true }));

const QUIET = {
  emails: ["a@example.com"],
  slack: false,
  events: false,
  atOnceFrom: "low",
  // What is no channel's is as in the stored graph.
  gatherSeconds: settingsFor("local").alerts.gatherSeconds,
  digestAt: "07:00",
};

function graphWith(changes: object): Graph {
  const file = join(directory, "graph.json");
  const settings = JSON.stringify({ alerts: { ...QUIET, ...changes } });
  execFileSync(process.execPath, [join(root, "scripts/stack-graph.ts"), "--settings", settings, file], { cwd: root });
  return readGraph(file);
}

/** What speaks of a channel, wherever it stands. */
const TRACES = {
  slack: /slack(?!Channel)/i,
  chat: /chat/i,
  events: /PutEvents|"EVENTS"/,
} as const;

/** Without what forwards IAM's events, which puts events too, and without the names of all roles that there may be. */
function textOf(graph: Graph): string {
  const own = graph.resources.filter(({ name }) => !/^(ForwardRole|CallerChanges)/.test(name));
  return JSON.stringify(own).replace(/"GUARD_ROLE_ARNS":"[^"]*"/, "");
}

describe("a channel that is not set deploys nothing", () => {
  test.each(Object.entries(TRACES))("%s leaves no trace, and where it is set it does", (channel, trace) => {
    expect(textOf(storedGraph()), `${channel} in the stored graph`).toMatch(trace);
    expect(textOf(quiet())).not.toMatch(trace);
  });

  test("and what is left keeps the rules that speak of it", () => {
    const broken = allRules.filter(({ brokenBy }) => brokenBy(quiet()).length > 0).map(({ says }) => says);
    // The environment of `announce` is that of all channels.
    expect(broken).toEqual(["a function has the environment that its code reads, and nothing else"]);
  });

  test("an address less is two subscriptions less", () => {
    const subscriptions = (graph: Graph) =>
      graph.resources
        .filter(({ type }) => type === "aws:sns/topicSubscription:TopicSubscription")
        .map(({ name }) => name);
    expect(subscriptions(quiet())).toEqual(["AlertsTo-a@example.com", "HealthTo-a@example.com"]);
  });
});

let made: Graph | undefined;
function quiet(): Graph {
  made ??= graphWith({});
  return made;
}
