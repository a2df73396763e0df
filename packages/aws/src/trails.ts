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

/** Trails that record in the client's Region: shadows of trails of other Regions among them. */
export function cloudTrails(client: CloudTrailClient): Trails {
  return {
    async read(): Promise<TrailsReading> {
      const listed = await orRefused("cloudtrail:DescribeTrails", "*", () =>
        client.send(new DescribeTrailsCommand({ includeShadowTrails: true })),
      );
      if (listed.kind === "refused") return { kind: "denied", message: listed.message };
      const trails: Trail[] = [];
      for (const { TrailARN: arn, HomeRegion, IsMultiRegionTrail, IsOrganizationTrail } of listed.value.trailList ??
        []) {
        if (!arn) continue;
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
  if (status.kind === "refused") return "unknown";
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

/** An organization's trail is seen from a member account, and may not be read from there. */
async function orRefused<T>(action: string, subject: string, call: () => Promise<T>): Promise<OrRefused<T>> {
  try {
    return { kind: "answered", value: await call() };
  } catch (error) {
    const isGone = errorCode(error) === "TrailNotFoundException";
    if (isAccessDenied(error) || isGone) return { kind: "refused", message: errorMessage(error) };
    throw new AwsCallError(action, subject, error);
  }
}
