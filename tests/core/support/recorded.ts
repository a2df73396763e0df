/** Ports that write down each call, in order, and can be made to fail at any of them. */

export interface Call {
  /** Such as `keys.policy`. */
  readonly name: string;
  readonly args: readonly unknown[];
}

type Method = (...args: unknown[]) => unknown;

/** What asks the outside nothing: no call of AWS. Ports, and single methods. */
const NOT_CALLS: ReadonlySet<string> = new Set(["clock", "log", "commands", "known.forget"]);

/**
 * @param ports - an object of ports, each an object of methods
 * @param hinder - what a call answers in the place of the port; undefined to let it through; may throw
 */
export function recorded<T extends object>(
  ports: T,
  calls: Call[],
  hinder: (call: Call, index: number) => unknown = () => undefined,
): T {
  return new Proxy(ports, {
    get(target, port) {
      const value: unknown = Reflect.get(target, port);
      if (typeof value !== "object" || value === null || NOT_CALLS.has(String(port))) return value;
      return new Proxy(value, {
        get(inner, method) {
          const call: unknown = Reflect.get(inner, method);
          if (typeof call !== "function") return call;
          if (NOT_CALLS.has(`${String(port)}.${String(method)}`)) return call.bind(inner);
          return async (...args: unknown[]) => {
            const made: Call = { name: `${String(port)}.${String(method)}`, args };
            calls.push(made);
            const instead = hinder(made, calls.length - 1);
            return instead === undefined ? (call as Method).apply(inner, args) : instead;
          };
        },
      });
    },
  });
}
