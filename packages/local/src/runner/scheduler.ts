import type { Access } from "./access.ts";
import { roleFor, sessionOf } from "./function-pool.ts";
import type { StackModel } from "./model.ts";
import type { SqsService } from "./sqs-service.ts";
import type { UsageRecorder } from "./usage.ts";

/** Runs schedules by hand, as EventBridge Scheduler would at their time. */
export interface Scheduler {
  /**
   * Sends the schedule's input to its target, as the schedule's role.
   *
   * @param name the physical or the logical name.
   * @throws when there is no such schedule, or when its role may not send.
   */
  run(name: string): Promise<void>;
}

export function scheduler(parts: {
  readonly model: StackModel;
  readonly access: Access;
  readonly sqs: SqsService;
  readonly usage: UsageRecorder;
}): Scheduler {
  const { model, access, sqs, usage } = parts;
  return {
    async run(name) {
      const schedule = model.schedules.find((one) => one.name === name || one.logicalName === name);
      if (!schedule) {
        const names = model.schedules.map((one) => `\`${one.name}\``).join(", ");
        throw new Error(`there is no schedule \`${name}\`; the stack has ${names || "none"}`);
      }
      // Scheduler tells a trust policy its group, never the single schedule.
      const group = `arn:aws:scheduler:${model.region}:${model.account}:schedule-group/default`;
      const source = { arn: group, account: model.account };
      const role = roleFor(model, schedule.roleArn, "scheduler.amazonaws.com", access, source);
      const sender = sessionOf(role, schedule.name, model.account);
      const refusal = await sqs.send({ queueArn: schedule.queueArn, body: schedule.input, sender });
      if (refusal === undefined) return;
      usage.lacking(`schedule ${schedule.name} could not run: ${refusal}`);
      if (schedule.deadLetterArn !== undefined) {
        await sqs.send({ queueArn: schedule.deadLetterArn, body: schedule.input, sender });
      }
      throw new Error(`the schedule \`${schedule.name}\` could not run: ${refusal}`);
    },
  };
}
