import { admitAlarms, alertTopic } from "./alerts.ts";
import { callerChanges, forwardCallerChanges } from "./caller-changes.ts";
import { CALLERS, CALLERS_WINDOW_SECONDS, callers } from "./callers.ts";
import { intake } from "./intake.ts";
import type { Place } from "./place.ts";
import { type WorkQueue, workQueue } from "./queues.ts";
import { reconcile } from "./reconcile.ts";
import { changeRules } from "./rules.ts";
import type { Settings } from "./settings.ts";
import { notifySlack } from "./slack.ts";
import { sweep, sweepOnceDeployed, sweepSchedule } from "./sweep.ts";
import { sweepAlarm } from "./sweep-alarm.ts";
import { stateTable } from "./table.ts";
import type { Worker } from "./worker.ts";

/** Everything that one deployment of the guard consists of: one account, one Region. */
export async function guard(settings: Settings) {
  const place = await findPlace();
  const table = stateTable();
  const topic = alertTopic(place, settings);

  const changes = workQueue(place, { name: "intake", timeoutSeconds: 60, alarmTopic: topic });
  const keys = workQueue(place, { name: "key", fifo: true, timeoutSeconds: 60, alarmTopic: topic });
  // At its share of GetAgentVersion, a page of agents with many versions takes minutes when it is first read.
  const pages = workQueue(place, { name: "sweep", timeoutSeconds: 300, alarmTopic: topic });
  const reviews = settings.callers.mode === "off" ? undefined : reviewQueue(place, topic);
  const queues = [changes, keys, pages, ...(reviews ? [reviews] : [])];

  const workers: Worker[] = [
    intake(place, settings, { source: changes, keys, callers: reviews, table }),
    reconcile(place, settings, { source: keys, later: changes, table, topic }),
  ];
  const sweeper = sweep(place, settings, { source: pages, keys, callers: reviews, table });
  workers.push(sweeper);
  if (reviews) {
    workers.push(callers(place, settings, { source: reviews, table, topic }));
    forwardCallerChanges(place);
  }
  if (settings.slack) {
    const messages = workQueue(place, {
      name: "slack",
      timeoutSeconds: 30,
      // Slack puts off what comes faster than a message a second, and a first sweep may tell a lot at once.
      attempts: 20,
      alarmTopic: topic,
    });
    queues.push(messages);
    workers.push(notifySlack(place, settings, topic, messages));
  }
  const admitted = changeRules(place, changes, reviews ? [callerChanges] : []);
  sweepSchedule(place, settings, pages);
  const firstSweep = sweepOnceDeployed(sweeper, [...admitted, ...workers.map(({ mapping }) => mapping)]);
  const unfinished = sweepAlarm(place, settings, topic, [firstSweep]);
  admitAlarms(place, topic, [...queues.map(({ alarm }) => alarm), unfinished]);

  return { mode: settings.mode, alertTopic: topic.arn, table: table.name };
}

function reviewQueue(place: Place, alarmTopic: aws.sns.Topic): WorkQueue {
  return workQueue(place, {
    name: CALLERS,
    // To read a large account, with thousands of roles, takes a minute or more; to judge it, another.
    timeoutSeconds: 300,
    batchingWindowSeconds: CALLERS_WINDOW_SECONDS,
    alarmTopic,
  });
}

async function findPlace(): Promise<Place> {
  const [{ partition }, { region }, { accountId }] = await Promise.all([
    aws.getPartition({}),
    aws.getRegion({}),
    aws.getCallerIdentity({}),
  ]);
  return { partition, region, account: accountId, app: $app.name, prefix: `${$app.name}-${$app.stage}` };
}
