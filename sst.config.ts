/// <reference path="./.sst/platform/config.d.ts" />

// SST refuses imports at the top of this file: what the app needs is imported where it is used.
export default $config({
  async app(input) {
    const { isProduction } = await import("./stacks/settings.ts");
    return {
      name: "bedrock-key-guard",
      home: "aws",
      // The table holds every key policy that the guard replaced: it outlives the stack on every stage.
      removal: "retain",
      protect: isProduction(input.stage),
    };
  },
  async run() {
    const { bundleFunctions } = await import("./stacks/bundles.ts");
    const { guard } = await import("./stacks/guard.ts");
    const { settingsFor } = await import("./stacks/settings.ts");
    bundleFunctions();
    return guard(settingsFor($app.stage));
  },
});
