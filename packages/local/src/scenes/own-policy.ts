/** `--key-policy FILE`: scene a on the user's own key policy. */
import { parsePolicy } from "@bedrock-key-guard/core/policy/document.ts";
import { InputError } from "../input/input-error.ts";
import { identitiesIn, localise } from "../input/localise.ts";
import { readText } from "../input/read-json.ts";
import { createAgent, createRole } from "./acts.ts";
import type { Theatre } from "./theatre.ts";

export function playKeyPolicy(file: string): (theatre: Theatre) => Promise<void> {
  const text = readText(file);
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") {
    throw new InputError(
      `\`${file}\` is no key policy: ${parsed.reason}; give what \`aws kms get-key-policy --query Policy --output text\` prints`,
    );
  }
  return async (theatre) => {
    await theatre.settle();
    const { laptop, timeline } = theatre;
    timeline.title(`An agent is created on a key with the policy of ${file}`);
    const { text: policy, notes } = localise(text, laptop);
    for (const note of notes) timeline.line("note", note);
    const { roles, users } = identitiesIn(policy);
    for (const role of roles) laptop.world.plantRole(role);
    for (const user of users) laptop.world.plantUser(user);
    const keyArn = laptop.world.plantKey({ ...keyIdIn(policy) });
    laptop.world.plantPolicy(keyArn, policy);

    const roleArn = await createRole(theatre.people.developer, "ShopBot");
    const agent = await createAgent(theatre.people.developer, "shop-bot", keyArn, roleArn);
    const say = async (lead: "before" | "after") => {
      const allowed = await theatre.bedrockCanUse(keyArn, agent.arn);
      timeline.line(lead, `Bedrock asks for a data key for agent "shop-bot": ${allowed ? "allowed" : "refused"}`);
    };
    await say("before");
    await theatre.settle();
    await say("after");
  };
}

/** A policy that names its own key in Resource means that key: it gets the same id here. */
function keyIdIn(policy: string): { readonly id?: string } {
  const id = /:key\/([a-zA-Z0-9-]{36})/.exec(policy)?.[1];
  return id === undefined ? {} : { id };
}
