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

/**
 * AWS CloudTrail, as far as what its trails say of themselves. AWS JSON 1.1. What they record is another matter: `shared/trail.ts`.
 *
 * A trail of all Regions is listed in each of them, and its status is told there too; its selectors are known in its home Region
 * only. An organization's trail is listed in each account, and more is told to its own account only.
 */
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
  const region = signedRegion(request);
  switch (operation) {
    case "DescribeTrails": {
      mustBeAllowed(emulation, request, { action: "cloudtrail:DescribeTrails", resource: "*" });
      // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
      const withShadows = input.includeShadowTrails !== false;
      const listed = emulation.trails.filter(
        ({ homeRegion, multiRegion }) => homeRegion === region || (multiRegion && withShadows),
      );
      return { trailList: listed.map(print) };
    }
    case "GetTrailStatus": {
      const name = requiredText(input, "Name");
      const trail = allowedTrail(emulation, request, "cloudtrail:GetTrailStatus", name);
      // A shadow is known by its ARN only.
      if (trail.homeRegion !== region && !(trail.multiRegion && name === trail.arn)) throw unknown(name);
      return { IsLogging: trail.logging };
    }
    case "GetEventSelectors": {
      const name = requiredText(input, "TrailName");
      const trail = allowedTrail(emulation, request, "cloudtrail:GetEventSelectors", name);
      if (trail.homeRegion !== region) throw unknown(name);
      return { TrailARN: trail.arn, ...trail.selectors };
    }
    default:
      throw new ServiceError("UnknownOperationException", `\`${operation}\` is not emulated`);
  }
}

/** `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …` */
function signedRegion({ headers }: WireRequest): string {
  const [, region] = /Credential=[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "") ?? [];
  if (!region) throw new ServiceError("IncompleteSignatureException", "the signature names no Region");
  return region;
}

function allowedTrail(emulation: Emulation, request: WireRequest, action: string, name: string): LocalTrail {
  const trail = emulation.trails.find((one) => one.arn === name || one.name === name);
  if (trail && accountIn(trail) !== emulation.account) {
    throw new ServiceError(
      "CloudTrailARNInvalidException",
      `AccountID in ARN is wrong, you can only access resources with AccountID ${emulation.account}.`,
    );
  }
  mustBeAllowed(emulation, request, { action, resource: trail?.arn ?? "*" });
  if (!trail) throw unknown(name);
  return trail;
}

function unknown(name: string): ServiceError {
  return new ServiceError("TrailNotFoundException", `Unknown trail: ${name}`);
}

function accountIn({ arn }: LocalTrail): string | undefined {
  return arn.split(":")[4];
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
