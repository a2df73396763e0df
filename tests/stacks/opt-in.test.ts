import { describe, expect, test } from "vitest";
import { readAllOrNone } from "../../packages/functions/src/lib/environment.ts";
import { optInVariables } from "../../stacks/opt-in.ts";
import { settingsFor } from "../../stacks/settings.ts";

const settings = settingsFor("local");
const read = (variables: Readonly<Record<string, string>>) =>
  readAllOrNone(["OPT_IN_TAG_KEY", "OPT_IN_TAG_VALUE"], variables);

describe("the opt-in tag of the settings", () => {
  test("reaches the reconciler", () => {
    const optIn = { key: "bedrock-key-guard-may", value: "write" };
    expect(read(optInVariables({ ...settings, tags: { ...settings.tags, optIn } }))).toEqual({
      OPT_IN_TAG_KEY: "bedrock-key-guard-may",
      OPT_IN_TAG_VALUE: "write",
    });
  });

  test("leaves no variables where there is none", () => {
    expect(optInVariables(settings)).toEqual({});
    expect(read(optInVariables(settings))).toBeUndefined();
  });
});
