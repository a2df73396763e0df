import { execFileSync } from "node:child_process";

/**
 * Makes the bundles that are about to be deployed, by the same step as the tests use: what is deployed is what was
 * tested. These are the commands with which SST uploads or compares a bundle; the resource graph needs none.
 */
export function bundleFunctions(): void {
  if (!["deploy", "diff", "refresh"].includes($cli.command)) return;
  // What this prints goes to SST's log; a failure stops the deployment.
  execFileSync("npm", ["run", "--silent", "bundle"], { cwd: $cli.paths.root, stdio: "inherit" });
}
