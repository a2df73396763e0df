/** `count-tests.ts REPORT STATUS`: passed, failed and skipped tests of Vitest's JSON report; for `.ci/run`. */
import { readFileSync } from "node:fs";

const [file = "", status = "1"] = process.argv.slice(2);
let [passed, failed, skipped] = [0, 0, 0];
try {
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed = report.numPassedTests;
  failed = report.numFailedTests;
  skipped = report.numPendingTests + report.numTodoTests;
} catch {
  failed = 1;
}
// A file that can't be loaded fails no test, and a run without a test proves nothing.
if (failed === 0 && (status !== "0" || passed === 0)) failed = 1;
console.log(passed, failed, skipped);
