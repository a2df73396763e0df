import { ageAlarm, channelsOf, deliveryAlarms, functionAlarms, refusalAlarms, selfCheckAlarm } from "./alarms.ts";
import { announce, dailyDigest } from "./announce.ts";
import { callerChanges, forwardCallerChanges } from "./caller-changes.ts";
import { CALLERS, CALLERS_WINDOW_SECONDS, callers } from "./callers.ts";
import { chat } from "./chat.ts";
import { dashboard } from "./dashboard.ts";
import { intake } from "./intake.ts";
import type { Place } from "./place.ts";
import { type WorkQueue, workQueue } from "./queues.ts";
import { reconcile } from "./reconcile.ts";
import { changeRules } from "./rules.ts";
import type { Settings } from "./settings.ts";
import { notifySlack, slackQueues } from "./slack.ts";
import { sweep, sweepOnceDeployed, sweepSchedule } from "./sweep.ts";
import { sweepAlarm } from "./sweep-alarm.ts";
import { stateTable } from "./table.ts";
import { admitAlarms, admitOwnRoles, topics } from "./topics.ts";
import type { Worker } from "./worker.ts";

/** Everything that one deployment of the guard consists of: one account, one Region. */
export async function guard(settings: Settings) {
  const place = await findPlace();
  const table = stateTable();
  const told = topics(place, settings);
  const alarmTopic = told.health;

  const changes = workQueue(place, { name: "intake", timeoutSeconds: 60, alarmTopic });
  const keys = workQueue(place, { name: "key", fifo: true, timeoutSeconds: 60, alarmTopic });
  // At its share of GetAgentVersion, a page of agents with many versions takes minutes when it is first read.
  const pages = workQueue(place, { name: "sweep", timeoutSeconds: 300, alarmTopic });
  const reviews = settings.callers.mode === "off" ? undefined : reviewQueue(place, alarmTopic);
  const alerts = alertQueue(place, settings, alarmTopic);
  const slack = settings.alerts.slack ? slackQueues(place, told.health) : undefined;
  const queues = [changes, keys, pages, alerts, ...(reviews ? [reviews] : []), ...(slack ? Object.values(slack) : [])];

  const workers: Worker[] = [
    intake(place, settings, { source: changes, keys, callers: reviews, table }),
    reconcile(place, settings, { source: keys, later: changes, table, alerts }),
    announce(place, settings, { source: alerts, table, topics: told, slack: slack?.alerts }),
  ];
  const sweeper = sweep(place, settings, { source: pages, keys, callers: reviews, table, alerts, topics: told });
  workers.push(sweeper);
  if (reviews) {
    workers.push(callers(place, settings, { source: reviews, table, alerts }));
    forwardCallerChanges(place);
  }
  if (slack) workers.push(notifySlack(place, settings, slack));
  const { chat: channel } = settings.alerts;
  if (channel && told.chat) chat(place, channel, [told.chat, told.health]);
  const deliveries = deliveryAlarms(place, told);
  admitOwnRoles(place, "Alerts", told.alerts, deliveries.alerts);
  if (told.chat) admitOwnRoles(place, "Chat", told.chat);

  const admitted = changeRules(place, changes, reviews ? [callerChanges] : []);
  sweepSchedule(place, settings, pages);
  dailyDigest(place, settings, alerts);
  const firstSweep = sweepOnceDeployed(sweeper, [...admitted, ...workers.map(({ mapping }) => mapping)]);
  const unfinished = sweepAlarm(place, settings, alarmTopic, [firstSweep]);
  const functions = [
    "intake",
    "reconcile",
    "announce",
    "sweep",
    ...(reviews ? [CALLERS] : []),
    ...(slack ? ["notify-slack"] : []),
  ];
  const alarms = [
    unfinished,
    selfCheckAlarm(place, alarmTopic),
    ...queues.flatMap((queue) => [queue.alarm, ageAlarm(place, queue.name, queue, alarmTopic)]),
    ...functionAlarms(place, functions, alarmTopic),
    ...refusalAlarms(place, channelsOf(settings), alarmTopic),
    ...deliveries.health,
  ];
  admitAlarms(place, alarmTopic, alarms);
  dashboard(place, { functions, queues, channels: channelsOf(settings), alarms: [...alarms, ...deliveries.alerts] });

  return { mode: settings.mode, alertTopic: told.alerts.arn, table: table.name };
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

function alertQueue(place: Place, { alerts: { gatherSeconds } }: Settings, alarmTopic: aws.sns.Topic): WorkQueue {
  return workQueue(place, {
    name: "alert",
    timeoutSeconds: 60,
    ...(gatherSeconds > 0 ? { batchingWindowSeconds: gatherSeconds } : {}),
    // A channel that takes nothing brings the same message again: each six minutes, for some hours.
    attempts: 30,
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
