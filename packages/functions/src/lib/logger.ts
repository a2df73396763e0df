import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import type { Log } from "@bedrock-key-guard/core/ports.ts";

/** Structured JSON on standard output. Never given a message's body, a policy or a webhook's URL. */
export function makeLogger(service: string): Logger {
  return new Logger({ serviceName: service });
}

/**
 * Adds the invocation's request id to each line. Events are not logged, whatever the environment asks for: they
 * hold policies.
 */
export function logContext(logger: Logger): ReturnType<typeof injectLambdaContext> {
  return injectLambdaContext(logger, { logEvent: false });
}

/** The domain's log, in the function's own. */
export function logPort(logger: Logger): Log {
  return {
    info: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warn(message, { ...fields }),
  };
}
