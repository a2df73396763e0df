import type { EmulatedService, WireRequest } from "../contract.ts";
import type { Emulation } from "./emulation.ts";
import { mustBeAllowed } from "./shared/access.ts";
import { ServiceError } from "./shared/errors.ts";
import { requiredText } from "./shared/input.ts";
import { type JsonObject, parseBody } from "./shared/json.ts";
import { jsonAnswer, targetOperation } from "./shared/json-protocol.ts";

/** A trail as people set it up. */
export interface LocalTrail {
  readonly arn: string;
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  readonly organization: boolean;
  logging: boolean;
  /** As GetEventSelectors answers them. */
  selectors: JsonObject;
}

/** One multi-Region trail that records all management events, as the guard asks for. */
export function healthyTrail(account: string, region: string): LocalTrail {
  return {
    arn: `arn:aws:cloudtrail:${region}:${account}:trail/management-events`,
    name: "management-events",
    homeRegion: region,
    multiRegion: true,
    organization: false,
    logging: true,
    selectors: {
      EventSelectors: [
        { ReadWriteType: "All", IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
      ],
    },
  };
}

const TARGET = "CloudTrail_20131101";

/** AWS CloudTrail, as far as what its trails say of themselves. AWS JSON 1.1. What they record is another matter: `shared/trail.ts`. */
export function cloudTrailService(emulation: Emulation): EmulatedService {
  return {
    signingName: "cloudtrail",
    async handle(request) {
      return jsonAnswer(() => {
        const operation = targetOperation(request, TARGET);
        emulation.faults.raise("cloudtrail", operation);
        return run(operation, emulation, request, parseBody(request.body));
      });
    },
  };
}

function run(operation: string, emulation: Emulation, request: WireRequest, input: JsonObject): JsonObject {
  switch (operation) {
    case "DescribeTrails":
      mustBeAllowed(emulation, request, { action: "cloudtrail:DescribeTrails", resource: "*" });
      return { trailList: emulation.trails.map(print) };
    case "GetTrailStatus": {
      const trail = allowedTrail(emulation, request, "cloudtrail:GetTrailStatus", requiredText(input, "Name"));
      return { IsLogging: trail.logging };
    }
    case "GetEventSelectors": {
      const trail = allowedTrail(emulation, request, "cloudtrail:GetEventSelectors", requiredText(input, "TrailName"));
      return { TrailARN: trail.arn, ...trail.selectors };
    }
    default:
      throw new ServiceError("UnknownOperationException", `\`${operation}\` is not emulated`);
  }
}

function allowedTrail(emulation: Emulation, request: WireRequest, action: string, name: string): LocalTrail {
  const trail = emulation.trails.find((one) => one.arn === name || one.name === name);
  mustBeAllowed(emulation, request, { action, resource: trail?.arn ?? "*" });
  if (!trail) throw new ServiceError("TrailNotFoundException", `Unknown trail: ${name}`);
  return trail;
}

function print({ arn, name, homeRegion, multiRegion, organization }: LocalTrail): JsonObject {
  return {
    Name: name,
    TrailARN: arn,
    HomeRegion: homeRegion,
    IsMultiRegionTrail: multiRegion,
    IsOrganizationTrail: organization,
    S3BucketName: "trails",
  };
}
