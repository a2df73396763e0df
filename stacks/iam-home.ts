/**
 * The Region in which IAM, which has one set of identities for a whole partition, is called, and in which CloudTrail's
 * events of it arrive. Free of SST, so that tests can read it for other partitions.
 *
 * AWS says so of us-east-1. Of the other partitions it says where IAM's one endpoint is; that the events arrive there too
 * is to be confirmed in an account of theirs.
 *
 * https://repost.aws/knowledge-center/eventbridge-rule-triggers-iam-single-region
 * https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const HOMES: ReadonlyMap<string, string> = new Map([
  ["aws", "us-east-1"],
  ["aws-us-gov", "us-gov-west-1"],
  ["aws-cn", "cn-north-1"],
]);

/** @throws Error for a partition of which this is not known, and what to do about it. */
export function iamHome(partition: string): string {
  const home = HOMES.get(partition);
  if (home) return home;
  throw new Error(
    `in partition \`${partition}\` it is not known where events of IAM arrive; add its Region to stacks/iam-home.ts, or set \`callers.mode: "off"\` (stacks/settings.ts)`,
  );
}
