/**
 * Values of conditions that are compared by what they mean: numbers, dates, bytes, addresses. Each reader gives
 * undefined for a text that is not certainly read as AWS reads it.
 */

/** Of more digits than this, two different numbers may be one in floating point. */
const MAX_DIGITS = 15;

export function readNumber(text: string): number | undefined {
  if (!/^-?\d+(\.\d+)?$/.test(text) || text.replace(/\D/g, "").length > MAX_DIGITS) return undefined;
  return Number(text);
}

export function readBool(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : undefined;
}

const DATE = /^(\d{4})-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)?$/;

/**
 * An instant in milliseconds since 1970, of a date in the W3C's profile of ISO 8601 or of seconds since 1970. A time
 * without a zone is not read, nor is a number that could be a year or milliseconds.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
export function readInstant(text: string): number | undefined {
  if (/^\d{5,11}(\.\d{1,3})?$/.test(text)) return Math.round(Number(text) * 1000);
  const found = DATE.exec(text);
  if (!found) return undefined;
  const [, year, month, day = "01"] = found;
  // JavaScript takes the 30th of February for the 1st of March.
  const first = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(first.getTime()) || first.getUTCDate() !== Number(day)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

/** Base64 in one form: the same bytes give the same text. */
export function readBinary(text: string): string | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, "base64").toString("hex");
}
