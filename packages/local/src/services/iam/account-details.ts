/**
 * GetAccountAuthorizationDetails: all of an account's IAM, page by page.
 *
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
import type { Xml } from "../shared/query-protocol.ts";
import { structured } from "../shared/structured.ts";
import { allow, type IamCall, type IamOperation, invalid, optionalCount, ownAccount } from "./call.ts";
import type { Identity } from "./identities.ts";
import { printVersion } from "./managed-operations.ts";
import type { ManagedPolicy } from "./managed-policies.ts";
import { printGroup, printHeld, printPolicy, printRole, printUser, urlEncoded } from "./print.ts";

const DEFAULT_ITEMS = 100;
const MOST_ITEMS = 1000;

/** The lists of the answer, in the order in which they come, each with the filters that ask for it. */
const LISTS = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"] as const;
const FILTERS = ["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"] as const;

interface Item {
  readonly list: (typeof LISTS)[number];
  readonly filter: (typeof FILTERS)[number];
  readonly arn: string;
  print(): Xml;
}

export const getAccountAuthorizationDetails: IamOperation = {
  writes: false,
  run(call) {
    allow(call, "iam:GetAccountAuthorizationDetails", "*");
    const asked = requestedFilters(call);
    const after = markedPlace(call);
    const left = itemsOf(call)
      .filter(({ filter }) => asked.has(filter))
      .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
      .filter((item) => after === undefined || placeOf(item) > after);
    // IAM may answer with less than it was asked for.
    const count = Math.min(
      optionalCount(call, "MaxItems", MOST_ITEMS) ?? DEFAULT_ITEMS,
      call.emulation.limits.detailsPerPage,
    );
    const page = left.slice(0, count);
    const last = page.at(-1);
    const isTruncated = left.length > page.length;
    return {
      ...Object.fromEntries(
        LISTS.map((list) => [list, page.filter((item) => item.list === list).map((item) => item.print())]),
      ),
      IsTruncated: String(isTruncated),
      Marker: isTruncated && last ? Buffer.from(placeOf(last)).toString("base64url") : undefined,
    };
  },
};

/** A place among the items that stays when others come and go between two pages. */
function placeOf({ list, arn }: Item): string {
  return `${LISTS.indexOf(list)} ${arn}`;
}

function markedPlace({ input }: IamCall): string | undefined {
  const marker = input.get("Marker");
  if (marker === null) return undefined;
  const place = Buffer.from(marker, "base64url").toString();
  if (!/^\d arn:/.test(place)) throw invalid(`Invalid Marker: \`${marker}\``);
  return place;
}

function requestedFilters({ input }: IamCall): ReadonlySet<string> {
  const list = structured(input).Filter;
  if (!Array.isArray(list) || list.length === 0) return new Set(FILTERS);
  const unknown = list.find((filter) => !FILTERS.some((known) => known === filter));
  if (unknown !== undefined) throw invalid(`The specified value for Filter is invalid: \`${String(unknown)}\``);
  return new Set(list.map(String));
}

function itemsOf(call: IamCall): Item[] {
  const account = ownAccount(call);
  const { identities, groups, managedPolicies } = call.emulation;
  const own = <Of extends { readonly account: string }>(one: Of) => one.account === account;
  return [
    ...identities
      .all()
      .filter(own)
      .map((identity) => (identity.kind === "role" ? roleItem(identity) : userItem(call, identity))),
    ...groups
      .all()
      .filter(own)
      .map((group): Item => {
        const print = () => {
          const { inline, attached } = printHeld(group);
          return { ...printGroup(group), GroupPolicyList: inline, AttachedManagedPolicies: attached };
        };
        return { list: "GroupDetailList", filter: "Group", arn: group.arn, print };
      }),
    ...managedPolicies.all().flatMap((policy) => policyItem(call, policy)),
  ];
}

function roleItem(role: Identity): Item {
  const print = () => {
    const { inline, attached } = printHeld(role);
    return { ...printRole(role), InstanceProfileList: [], RolePolicyList: inline, AttachedManagedPolicies: attached };
  };
  return { list: "RoleDetailList", filter: "Role", arn: role.arn, print };
}

function userItem({ emulation }: IamCall, user: Identity): Item {
  const print = () => {
    const { inline, attached } = printHeld(user);
    const GroupList = emulation.groups.of(user).map(({ name }) => name);
    return { ...printUser(user), UserPolicyList: inline, GroupList, AttachedManagedPolicies: attached };
  };
  return { list: "UserDetailList", filter: "User", arn: user.arn, print };
}

/** The account's own policies all; of those of AWS, the ones in use. */
function policyItem(call: IamCall, policy: ManagedPolicy): readonly Item[] {
  const { identities, groups } = call.emulation;
  const account = ownAccount(call);
  const holders = [...identities.all(), ...groups.all()].filter((one) => one.account === account);
  const attachments = holders.filter(({ attached }) => attached.has(policy.arn)).length;
  const bounds = identities.all().filter((one) => one.account === account && one.boundary === policy.arn).length;
  const byAws = policy.account === "aws";
  if (byAws ? attachments + bounds === 0 : policy.account !== account) return [];
  const print = () => ({
    ...printPolicy(policy),
    AttachmentCount: String(attachments),
    PermissionsBoundaryUsageCount: String(bounds),
    PolicyVersionList: [...policy.versions.values()].map((version) => ({
      ...printVersion(policy, version),
      Document: urlEncoded(version.document),
    })),
  });
  return [{ list: "Policies", filter: byAws ? "AWSManagedPolicy" : "LocalManagedPolicy", arn: policy.arn, print }];
}
