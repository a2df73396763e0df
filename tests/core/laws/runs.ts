/**
 * How often a law is tried. Under mutation testing each law runs once for each mutant that it covers: fewer cases then, and
 * always the same ones, so that a mutant's fate does not change from run to run.
 */
export function runs(numRuns: number): { readonly numRuns: number; readonly seed?: number } {
  if (process.env.STRYKER_MUTATOR_WORKER === undefined) return { numRuns };
  return { numRuns: Math.ceil(numRuns / 15), seed: 20 };
}
