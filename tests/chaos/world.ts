/** Everything of one simulation, in one place. */
import type { Calls } from "./calls.ts";
import type { Engine } from "./engine.ts";
import type { BedrockModel } from "./models/bedrock.ts";
import type { KmsModel } from "./models/kms.ts";
import type { QueueModel } from "./models/queues.ts";
import type { RolesModel } from "./models/roles.ts";
import type { StateModel } from "./models/state.ts";
import type { Random } from "./random.ts";
import type { Trace } from "./trace.ts";
import type { Trail } from "./trail.ts";
import type { Watch } from "./watch.ts";

export interface World {
  readonly engine: Engine;
  readonly random: Random;
  readonly trace: Trace;
  readonly calls: Calls;
  readonly kms: KmsModel;
  readonly bedrock: BedrockModel;
  readonly roles: RolesModel;
  readonly state: StateModel;
  readonly queues: {
    readonly intake: QueueModel;
    readonly keys: QueueModel;
    readonly sweep: QueueModel;
    readonly alerts: QueueModel;
  };
  readonly trail: Trail;
  readonly watch: Watch;
}
