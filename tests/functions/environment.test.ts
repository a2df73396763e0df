import { describe, expect, test } from "vitest";
import { accountId } from "../../packages/core/src/arn.ts";
import { readAllOrNone, readEnvironment, readVariable } from "../../packages/functions/src/lib/environment.ts";

describe("a function's environment", () => {
  test("gives the variables that were asked for", () => {
    expect(readEnvironment(["A", "B"], { A: "1", B: "2", C: "3" })).toEqual({ A: "1", B: "2" });
  });

  test("names every variable that is missing or empty, and no value", () => {
    const read = () => readEnvironment(["A", "B", "C"], { A: "value", B: "" });
    expect(read).toThrow("the function has no `B`, `C`; set it in the stack's environment");
    expect(read).not.toThrow("value");
  });

  test("gives variables that belong together, or none of them", () => {
    expect(readAllOrNone(["A", "B"], { A: "1", B: "2", C: "3" })).toEqual({ A: "1", B: "2" });
    expect(readAllOrNone(["A", "B"], { C: "3" })).toBeUndefined();
    expect(readAllOrNone(["A", "B"], { A: "", B: "" })).toBeUndefined();
  });

  test.each([
    [{ A: "value" }, "B"],
    [{ A: "", B: "value" }, "A"],
  ])("names the one that is missing beside the other: %j", (environment, missing) => {
    const read = () => readAllOrNone(["A", "B"], environment);
    expect(read).toThrow(`the function has no \`${missing}\`; set it in the stack's environment`);
    expect(read).not.toThrow("value");
  });

  test("refuses a value that is not what it should be", () => {
    expect(readVariable("ACCOUNT_ID", "111122223333", accountId, "an account id")).toBe("111122223333");
    expect(() => readVariable("ACCOUNT_ID", "me", accountId, "an account id")).toThrow("`ACCOUNT_ID` is `me`");
  });
});
