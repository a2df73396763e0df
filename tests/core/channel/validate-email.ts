/**
 * What SNS and readers ask of an email. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: a subject is text without
 * line breaks or control characters and shorter than 100 characters; older pages want ASCII, beginning with a letter, number or mark.
 */
import { unseenIn } from "./validate-markup.ts";

export function faultsOfEmail({
  subject,
  text,
}: {
  readonly subject: string;
  readonly text: string;
}): readonly string[] {
  const faults = unseenIn(text);
  if (subject.length >= 100) faults.push("has a subject of 100 characters or more");
  if (!/^[!-~][ -~]*$/.test(subject)) faults.push(`has a subject that is not printable ASCII: ${subject}`);
  if (subject !== subject.trim()) faults.push("has a subject with spaces around it");
  if (!text.endsWith("\n")) faults.push("does not end with its last line");
  const longest = Math.max(...text.split("\n").map((line) => line.length));
  if (longest > 2_200) faults.push(`has a line of ${longest} characters`);
  return faults;
}
