import type { Json, JsonObject } from "./json.ts";

interface Tree {
  readonly [name: string]: string | Tree;
}

/** The parameters of a query request as what they say: `Tags.member.1.Key=a` is the `Key` of a list's member. */
export function structured(input: URLSearchParams): JsonObject {
  const members = [...input].filter(([name]) => name !== "Action" && name !== "Version");
  const tree = members.reduce<Tree>((sum, [name, value]) => put(sum, name.split("."), value), {});
  return Object.fromEntries(Object.entries(tree).map(([name, node]) => [name, read(node)]));
}

function put(tree: Tree, [name = "", ...rest]: readonly string[], value: string): Tree {
  const below = tree[name];
  return { ...tree, [name]: rest.length === 0 ? value : put(typeof below === "object" ? below : {}, rest, value) };
}

function read(node: string | Tree): Json {
  if (typeof node === "string") return node;
  const { member } = node;
  if (typeof member !== "object") {
    return Object.fromEntries(Object.entries(node).map(([name, below]) => [name, read(below)]));
  }
  // Numbered names stand in an object by their number.
  return Object.values(member).map(read);
}
