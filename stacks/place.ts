/** Where the stack is deployed, and how its resources are named. Free of SST, so that tests can read it. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** The first part of the names of every stage's resources. */
  readonly app: string;
  /**
   * The first part of each physical name. Names are fixed rather than given a random ending: owners name the guard's
   * role in key policies, and a person at an incident looks for a queue by its name.
   */
  readonly prefix: string;
}

/** The ARN of a resource of this account and Region, such as `arnHere(place, "kms", "key/*")`. */
export function arnHere(place: Place, service: string, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.account}:${resource}`;
}

/** A function's physical name, by which its ARN is known before it is made. */
export function functionNameOf(place: Place, name: string): string {
  return `${place.prefix}-${name}`;
}

/** Roles are names of the whole account: the Region keeps two deployments apart. */
export function roleNameOf(place: Place, name: string): string {
  return `${place.prefix}-${name}-${place.region}`;
}

/** The ARN of a role of this stack, by which it is known before it is made. */
export function roleArnOf(place: Place, name: string): string {
  return `arn:${place.partition}:iam::${place.account}:role/${roleNameOf(place, name)}`;
}
