/**
 * A policy's element as a list: one text stands for a list of one.
 *
 * @returns `undefined` for an absent element; throws for anything but texts, numbers and booleans
 */
export function texts(value: unknown, element: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const members: readonly unknown[] = Array.isArray(value) ? value : [value];
  return members.map((member) => {
    if (typeof member === "string") return member;
    if (typeof member === "number" || typeof member === "boolean") return String(member);
    throw new Error(`a value of \`${element}\` that is not understood: \`${JSON.stringify(member)}\``);
  });
}
