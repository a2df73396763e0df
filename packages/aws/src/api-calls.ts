/** How often AWS was called, and how often it said "not so fast": counted at each try, for the function's metrics. */
import { isThrottlingError } from "@smithy/core/retry";

export interface ApiCount {
  readonly calls: number;
  readonly throttles: number;
}

const counts = new Map<string, { calls: number; throttles: number }>();

/** By service, such as `kms`; counted from anew. */
export function takeApiCalls(): readonly (readonly [api: string, count: ApiCount])[] {
  const taken = [...counts];
  counts.clear();
  return taken;
}

interface Observable {
  readonly middlewareStack: {
    // The SDK's own types differ from client to client; what is added here looks at nothing of theirs.
    // biome-ignore lint/suspicious/noExplicitAny: see above
    add(middleware: any, options: any): void;
  };
}

type Next = (args: unknown) => Promise<unknown>;

/** Has each try of the client counted. */
export function counted<Client extends Observable>(api: string, client: Client): Client {
  const middleware = (next: Next) => async (args: unknown) => {
    const count = counts.get(api) ?? { calls: 0, throttles: 0 };
    counts.set(api, count);
    count.calls += 1;
    try {
      return await next(args);
    } catch (error) {
      if (error instanceof Error && isThrottlingError(error as Parameters<typeof isThrottlingError>[0]))
        count.throttles += 1;
      throw error;
    }
  };
  // Behind the retries, which are at `finalizeRequest` with high priority: each try comes by.
  client.middlewareStack.add(middleware, { step: "finalizeRequest", priority: "low", name: "countCalls" });
  return client;
}
