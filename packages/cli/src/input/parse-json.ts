/** JSON that can be read in one way only, and be shown and written back as it was. */
import { isObject, type Json } from "@bedrock-key-guard/core/policy/json.ts";
import { jsonHazard } from "@bedrock-key-guard/core/policy/json-hazards.ts";
import { InputError } from "./input-error.ts";

/** @throws InputError with the place inside the text, where the parser tells it */
export function parseJson(text: string): Json {
  if (text.trim() === "") throw new InputError("it is empty; give JSON");
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new InputError(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const hazard = jsonHazard(text);
  if (hazard !== undefined) throw new InputError(hazard);
  refuseStrayText(value, "");
  return value;
}

/** INVARIANT: the value is not nested deeply; `jsonHazard` has seen to it. */
function refuseStrayText(value: Json, path: string): void {
  if (typeof value === "string") refuseHalfCharacter(value, path);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) refuseStrayText(item, `${path}[${index}]`);
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      refuseHalfCharacter(name, path);
      const inside = path === "" ? name : `${path}.${name}`;
      if (name === "__proto__") throw new InputError(`\`${inside}\` is no name for a member; remove it`);
      refuseStrayText(member, inside);
    }
  }
}

/** AWS's APIs take UTF-8, which has no form for half of a surrogate pair. */
function refuseHalfCharacter(text: string, path: string): void {
  if (text.isWellFormed()) return;
  const place = path === "" ? "it" : `\`${path}\``;
  throw new InputError(`${place} holds half a character: ${JSON.stringify(excerpt(text))}; write the whole character`);
}

/** Enough of a text to find it again. */
export function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
