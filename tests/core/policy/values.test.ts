/** The readers of condition values, held against the platform's own where it has one. */
import { BlockList, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rangeHolds, readAddress } from "../../../packages/core/src/policy/address.ts";
import { readBinary, readInstant, readNumber } from "../../../packages/core/src/policy/values.ts";

describe("an address in a range", () => {
  test("is where Node's own list of ranges finds it", () => {
    const address = fc.oneof(near("10.0.0.0"), near("203.0.113.0"), nearV6("2001:db8::"), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(address, address, fc.nat(128), (network, asked, length) => {
        const family = isIPv6(network) ? "ipv6" : "ipv4";
        const prefix = family === "ipv6" ? length : length % 33;
        const answer = rangeHolds(`${network}/${prefix}`, asked);
        // Node takes an IPv4 address for an IPv6 one too; AWS's lists name both.
        if (answer === undefined || isIPv6(network) !== isIPv6(asked)) return;
        const list = new BlockList();
        list.addSubnet(network, prefix, family);
        expect(answer).toBe(list.check(asked, isIPv6(asked) ? "ipv6" : "ipv4"));
      }),
      { numRuns: 3000 },
    );
  });

  test("is decided for every network's own first address", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(32), (address, prefix) => {
        const network = firstOf(address, prefix);
        expect(rangeHolds(`${network}/${prefix}`, address)).toBe(true);
      }),
    );
  });

  test("is read in every form that an IPv6 address has", () => {
    const forms = ["2001:db8:0:0:0:0:c000:221", "2001:db8::c000:221", "2001:DB8::192.0.2.33", "2001:0db8::0:c000:0221"];
    expect(new Set(forms.map((form) => readAddress(form)?.bits)).size).toBe(1);
  });

  test("may have its one missing group of zeros cut out", () => {
    expect(readAddress("1:2:3:4:5:6::8")).toEqual(readAddress("1:2:3:4:5:6:0:8"));
    expect(readAddress("1:2:3:4:5:6:7::")).toEqual(readAddress("1:2:3:4:5:6:7:0"));
  });

  test.each([
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "12345::",
    "g::",
    "::1%eth0",
    "1.2.3.4::",
    "::1.2.3",
    "::1.2.3.4:5",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    " 1.2.3.4",
    "0x1.2.3.4",
  ])("is not read from `%s`", (text) => {
    expect(readAddress(text)).toBeUndefined();
  });

  test.each(["10.0.0.0/", "10.0.0.0/08", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "10.0.0.0/-1", "/8"])(
    "is not concluded for the range `%s`",
    (range) => {
      expect(rangeHolds(range, "10.0.0.0")).toBeUndefined();
    },
  );
});

describe("an instant", () => {
  test("is read in ISO 8601 and in seconds alike", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1971-01-01"), max: new Date("2999-12-31"), noInvalidDate: true }),
        (date) => {
          expect(readInstant(date.toISOString())).toBe(date.getTime());
          expect(readInstant(`${date.getTime() / 1000}`)).toBe(date.getTime());
        },
      ),
    );
  });

  test.each([
    ["2026-03-01", "2026-03-01T00:00:00Z"],
    ["2026-03", "2026-03-01T00:00:00Z"],
    ["2026-03-01T12:00Z", "2026-03-01T12:00:00Z"],
    ["2026-03-01T12:00:00-05:30", "2026-03-01T17:30:00Z"],
    ["2024-02-29", "2024-02-29T00:00:00Z"],
  ])("is read from `%s`", (text, plain) => {
    expect(readInstant(text)).toBe(Date.parse(plain));
  });

  test.each([
    "",
    "2026",
    "now",
    "2026-13-01",
    "2026-02-29",
    "2026-04-31T00:00:00Z",
    "2026-03-01T25:00:00Z",
    "2026-03-01 12:00:00Z",
    "2026-03-01T12:00:00",
    "2026-03-01T12:00:00z",
    "20260301T120000Z",
    "+002026-03-01",
    "Sun, 01 Mar 2026 12:00:00 GMT",
    "1772366400000",
    "-1772366400",
  ])("is not read from `%s`", (text) => {
    expect(readInstant(text)).toBeUndefined();
  });
});

describe("a number", () => {
  test("is read as it is written", () => {
    fc.assert(
      fc.property(fc.integer(), (n) => {
        expect(readNumber(String(n))).toBe(n);
      }),
    );
    expect(readNumber("-0.25")).toBe(-0.25);
    expect(readNumber("123456789012345")).toBe(123456789012345);
  });

  test.each(["", " 1", "1 ", "1e3", "0x1", "1,5", ".5", "5.", "+1", "NaN", "Infinity", "1234567890123456"])(
    "is not read from `%s`",
    (text) => {
      expect(readNumber(text)).toBeUndefined();
    },
  );
});

describe("bytes", () => {
  test("are the same where base64 says the same", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const [first, second] = [a, b].map((bytes) => readBinary(Buffer.from(bytes).toString("base64")));
        expect(first).toBe(Buffer.from(a).toString("hex"));
        expect(first === second).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });

  test.each(["A", "AA", "AAA", "A===", "AA=A", "AA\nAA", "AA-_", "AAAA="])("are not read from `%s`", (text) => {
    expect(readBinary(text)).toBeUndefined();
  });
});

function near(base: string): fc.Arbitrary<string> {
  const [a, b] = base.split(".");
  return fc.tuple(fc.nat(3), fc.nat(255)).map(([c, d]) => `${a}.${b}.${c}.${d}`);
}

function nearV6(base: string): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(3), fc.nat(0xffff)).map(([a, b]) => `${base}${a.toString(16)}:${b.toString(16)}`);
}

function firstOf(address: string, prefix: number): string {
  const bits = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const first = bits - (bits % 2 ** (32 - prefix));
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
}
