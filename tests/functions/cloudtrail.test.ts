import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../packages/aws/src/messages.ts";
import { readEvent } from "../../packages/functions/src/cloudtrail.ts";
import { account } from "./samples.ts";

interface Case {
  readonly question: string;
  readonly event: unknown;
  readonly expected: { readonly kind: string; readonly reason?: string };
}

const folder = join(import.meta.dirname, "../cases/cloudtrail");
const cases = readdirSync(folder).map((file): [string, Case] => {
  const read: Case = JSON.parse(readFileSync(join(folder, file), "utf8"));
  return [`${read.question} (${file})`, read];
});

describe("a cloudtrail record", () => {
  test.each(cases)("%s", (_question, { event, expected }) => {
    const { reason, ...rest } = expected;
    // Through text, as it comes: `undefined` does not survive there.
    const reading = JSON.parse(JSON.stringify(readEvent(event, account)));
    expect(reading).toEqual(reason === undefined ? rest : { ...rest, reason: expect.stringContaining(reason) });
  });

  test("never makes reading throw, whatever stands in any of its places", () => {
    const sample = cases.map(([, { event }]) => event);
    fc.assert(
      fc.property(fc.constantFrom(...sample), fc.nat(), fc.jsonValue(), (event, index, value) => {
        const places = Object.keys((event as { detail?: object }).detail ?? {});
        const place = places[index % Math.max(1, places.length)] ?? "detail";
        const changed = { ...(event as object), detail: { ...(event as { detail?: object }).detail, [place]: value } };
        expect(["event", "ignored", "malformed"]).toContain(readEvent(changed, account).kind);
      }),
    );
  });

  test("with hostile member names changes nothing", () => {
    const hostile = parseJson(
      '{"__proto__":{"account":"111122223333"},"detail":{"__proto__":{"eventName":"UpdateAgent"}}}',
    );
    expect(hostile.kind === "parsed" && readEvent(hostile.value, account).kind).toBe("malformed");
    expect("account" in {}).toBe(false);
  });
});
