/** Tables that fail, or wait, between the calls of an adapter. */
import { DeleteCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../../packages/aws/src/table.ts";

/** The table, but every call after the first `calls` fails: the process that makes them is gone. */
export function crashAfter(table: Table, calls: number): Table {
  let left = calls;
  return withSend(table, (send) => {
    left -= 1;
    return left < 0 ? Promise.reject(new Error("crash")) : send();
  });
}

/**
 * Runs work on tables whose calls take turns, one at a time, in the order of `turns`: each number picks one of those that
 * wait. When the turns are over, the first that waits is taken.
 */
export async function interleaved(
  table: Table,
  turns: readonly number[],
  works: readonly ((table: Table) => Promise<void>)[],
): Promise<void> {
  const waiting: (() => Promise<unknown>)[] = [];
  let running = works.length;
  const ended = Promise.all(
    works.map((work) =>
      work(withSend(table, (send) => new Promise((resolve) => waiting.push(() => tryTo(send, resolve))))).finally(
        () => {
          running -= 1;
        },
      ),
    ),
  );
  for (let turn = 0; running > 0; turn += 1) {
    // Until each that runs has come to its next call: what picks the next one must not depend on who is faster.
    while (waiting.length < running) await new Promise((resolve) => setImmediate(resolve));
    const [next] = waiting.splice((turns[turn] ?? 0) % Math.max(1, waiting.length), 1);
    await next?.();
  }
  await ended;
}

/** A refused call is the caller's to see: the promise that it waits for becomes the call's own. */
async function tryTo(send: () => Promise<unknown>, resolve: (answer: unknown) => void): Promise<void> {
  const answer = send();
  resolve(answer);
  await answer.catch(() => undefined);
}

function withSend({ client, name }: Table, around: (send: () => Promise<unknown>) => Promise<unknown>): Table {
  const send = (command: unknown) => around(() => Reflect.apply(client.send, client, [command]));
  return {
    name,
    client: new Proxy(client, { get: (target, key) => (key === "send" ? send : Reflect.get(target, key)) }),
  };
}

export async function itemsOf({ client, name }: Table): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: name, ...(from ? { ExclusiveStartKey: from } : {}) }));
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}

export async function empty(table: Table): Promise<void> {
  for (const { pk, sk } of await itemsOf(table)) {
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
  }
}
