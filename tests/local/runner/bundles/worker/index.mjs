// A function whose messages tell it what to do. It prints what it did, one JSON line each.
import { setTimeout as sleep } from "node:timers/promises";

const settings = { greeting: process.env.GREETING };

async function work(record) {
  const order = JSON.parse(record.body);
  const count = Number(record.attributes.ApproximateReceiveCount);
  console.log(JSON.stringify({ message: order.name, count, group: record.attributes.MessageGroupId }));
  if (order.detail) console.log(JSON.stringify({ body: order }));
  if (order.log) process.stdout.write(`${JSON.stringify(order.log)}\n`);
  if (order.clock) {
    const dates = [new Date(), new Date(0), new Date("2026-11-23T18:30:00Z")];
    const whole = dates.every((date) => date instanceof Date) && Date().includes("GMT");
    console.log(JSON.stringify({ now: Date.now(), dates: dates.map((date) => date.toISOString()), whole }));
  }
  if (order.take) await sleep(order.take);
  if (order.hang) await sleep(60_000);
  if (order.crash && count === 1) process.exit(7);
  if (order.environment) console.log(JSON.stringify({ environment: Object.keys(process.env).sort(), ...settings }));
  if (count <= (order.failTimes ?? 0)) throw new Error(`${order.name} fails`);
}

export async function handler(event, context) {
  if (!event.Records) return { invoked: event, by: context.functionName, left: context.getRemainingTimeInMillis() };
  const orders = event.Records.map((record) => JSON.parse(record.body).name);
  console.log(JSON.stringify({ batch: orders }));
  const batchItemFailures = [];
  for (const record of event.Records) {
    try {
      await work(record);
    } catch {
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  console.log(JSON.stringify({ done: orders }));
  return { batchItemFailures };
}
