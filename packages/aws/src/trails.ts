import {
  type AdvancedFieldSelector,
  type CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  type GetEventSelectorsResponse,
  GetTrailStatusCommand,
} from "@aws-sdk/client-cloudtrail";
import type { FieldSelector, Selectors, Trail, Trails, TrailsReading } from "@bedrock-key-guard/core/self/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError, errorCode, errorMessage, isAccessDenied } from "./errors.ts";

export const trailsActions = {
  read: ["cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"],
} as const satisfies ActionsOf<Trails>;

/**
 * Trails that record in the Region: shadows of trails of other Regions among them. What a trail selects is known in its home Region
 * only, and a call elsewhere is told that there is no such trail.
 *
 * @param clientOf - makes a client of a Region; asked once for each
 */
export function cloudTrails(region: string, clientOf: (region: string) => CloudTrailClient): Trails {
  const clients = new Map<string, CloudTrailClient>();
  const clientIn = (home: string) => {
    const client = clients.get(home) ?? clientOf(home);
    clients.set(home, client);
    return client;
  };
  return {
    async read(): Promise<TrailsReading> {
      const listed = await orRefused("cloudtrail:DescribeTrails", "*", () =>
        clientIn(region).send(new DescribeTrailsCommand({ includeShadowTrails: true })),
      );
      if (listed.kind === "refused") return { kind: "denied", message: listed.message };
      const trails: Trail[] = [];
      for (const { TrailARN: arn, HomeRegion, IsMultiRegionTrail, IsOrganizationTrail } of listed.value.trailList ??
        []) {
        if (!arn) continue;
        const client = clientIn(HomeRegion ?? region);
        trails.push({
          arn,
          homeRegion: HomeRegion,
          multiRegion: IsMultiRegionTrail === true,
          organization: IsOrganizationTrail === true,
          logging: await logging(client, arn),
          selectors: await selectors(client, arn),
        });
      }
      return { kind: "read", trails };
    },
  };
}

async function logging(client: CloudTrailClient, arn: string): Promise<Trail["logging"]> {
  const status = await orRefused("cloudtrail:GetTrailStatus", arn, () =>
    client.send(new GetTrailStatusCommand({ Name: arn })),
  );
  if (status.kind === "refused" || status.value.IsLogging === undefined) return "unknown";
  return status.value.IsLogging ? "yes" : "no";
}

async function selectors(client: CloudTrailClient, arn: string): Promise<Selectors> {
  const read = await orRefused("cloudtrail:GetEventSelectors", arn, () =>
    client.send(new GetEventSelectorsCommand({ TrailName: arn })),
  );
  return read.kind === "refused" ? { kind: "unknown", reason: read.message } : selectorsIn(read.value);
}

function selectorsIn({ EventSelectors = [], AdvancedEventSelectors = [] }: GetEventSelectorsResponse): Selectors {
  if (AdvancedEventSelectors.length > 0) {
    const all = AdvancedEventSelectors.map(({ FieldSelectors = [] }) => FieldSelectors.map(fieldSelector));
    return { kind: "advanced", selectors: all };
  }
  if (EventSelectors.length === 0) return { kind: "unknown", reason: "it answers with no selectors" };
  return {
    kind: "basic",
    selectors: EventSelectors.map(({ ReadWriteType, IncludeManagementEvents, ExcludeManagementEventSources = [] }) => ({
      readWriteType: ReadWriteType ?? "All",
      includeManagementEvents: IncludeManagementEvents !== false,
      excludedSources: ExcludeManagementEventSources,
    })),
  };
}

function fieldSelector({ Field = "", Equals = [], NotEquals = [], ...others }: AdvancedFieldSelector): FieldSelector {
  const otherwise = Object.values(others).some((values) => Array.isArray(values) && values.length > 0);
  return { field: Field, equals: Equals, notEquals: NotEquals, otherwise };
}

type OrRefused<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "refused"; readonly message: string };

/**
 * An organization's trail is seen from a member account, and may not be read from there: CloudTrail says then that it is denied, that
 * there is none, or that its ARN has the wrong account. A Region that the account has not enabled knows no credentials of it.
 */
const NOT_FROM_HERE: ReadonlySet<string> = new Set([
  "TrailNotFoundException",
  "CloudTrailARNInvalidException",
  "NoManagementAccountSLRExistsException",
  "OperationNotPermittedException",
  "UnsupportedOperationException",
  "UnrecognizedClientException",
]);

async function orRefused<T>(action: string, subject: string, call: () => Promise<T>): Promise<OrRefused<T>> {
  try {
    return { kind: "answered", value: await call() };
  } catch (error) {
    if (isAccessDenied(error) || NOT_FROM_HERE.has(errorCode(error))) {
      return { kind: "refused", message: errorMessage(error) };
    }
    throw new AwsCallError(action, subject, error);
  }
}
