/** IP addresses and CIDR ranges, version 4 and 6. Nothing is read leniently: what is not plainly one is none. */

export interface Address {
  readonly width: 32 | 128;
  readonly bits: bigint;
}

/**
 * Whether an address lies in a range (`203.0.113.0/24`, `2001:db8::/32`, or one address).
 *
 * @returns undefined where either can't be read, where an IPv4 address is written as an IPv6 one on one side only, and
 * for an address within a range whose own address is not its first: AWS says of these nothing.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
 */
export function rangeHolds(range: string, address: string): boolean | undefined {
  const [first = "", length, ...more] = range.split("/");
  const network = readAddress(first);
  const asked = readAddress(address);
  if (!network || !asked || more.length > 0) return undefined;
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefix = length === undefined ? network.width : Number(length);
  if (prefix > network.width) return undefined;
  if (network.width !== asked.width) return isMapped(network) || isMapped(asked) ? undefined : false;
  const host = BigInt(network.width - prefix);
  if (network.bits >> host !== asked.bits >> host) return false;
  return (network.bits >> host) << host === network.bits || network.bits === asked.bits ? true : undefined;
}

/** `::ffff:0:0/96`: an IPv4 address in IPv6 clothes. */
function isMapped({ bits }: Address): boolean {
  return bits >> 32n === 0xffffn;
}

export function readAddress(text: string): Address | undefined {
  const bits = text.includes(":") ? readV6(text) : readV4(text);
  return bits === undefined ? undefined : { width: text.includes(":") ? 128 : 32, bits };
}

function readV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function readV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) => groups(half, i === halves.length - 1));
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 8 ? join(head) : undefined;
  if (!tail || head.length + tail.length > 7) return undefined;
  return join([...head, ...new Array<bigint>(8 - head.length - tail.length).fill(0n), ...tail]);
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groups(text: string, last: boolean): readonly bigint[] | undefined {
  if (text === "") return [];
  const found: bigint[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (last && i === parts.length - 1 && part.includes(".")) {
      const v4 = readV4(part);
      if (v4 === undefined) return undefined;
      found.push(v4 >> 16n, v4 & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      found.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return found;
}

function join(all: readonly bigint[]): bigint {
  return all.reduce((bits, group) => (bits << 16n) | group, 0n);
}
