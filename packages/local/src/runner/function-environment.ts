/** The environment of a function: the graph's variables, and those that Lambda sets. */
import path from "node:path";
import type { Credentials } from "./credentials.ts";
import type { FunctionModel } from "./model.ts";

/** The placeholder that the golden graph has in place of the secret `SlackWebhook`. */
const SLACK_PLACEHOLDER = "https://slack.invalid/secret/SlackWebhook";

export interface FunctionPlace {
  readonly region: string;
  /** Of every client: nothing can lead a call to a real account. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** The directory from which the graph names the bundles. */
  readonly root: string;
  /** Takes the place of the secret. */
  readonly slackWebhookUrl: string | undefined;
}

/** The whole environment: nothing comes on top of it, and nothing of the machine's own is in it. */
export function functionEnvironment(one: FunctionModel, place: FunctionPlace): Record<string, string> {
  const variables = Object.entries(one.variables).map(([name, value]) => {
    const slack = value === SLACK_PLACEHOLDER ? place.slackWebhookUrl : undefined;
    return [name, slack ?? value] as const;
  });
  return {
    ...Object.fromEntries(variables),
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    _HANDLER: one.handler,
    AWS_ACCESS_KEY_ID: place.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: place.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: "local",
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: one.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(one.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: one.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    LAMBDA_TASK_ROOT: path.resolve(place.root, one.bundle),
    LANG: "en_US.UTF-8",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TZ: ":UTC",
    AWS_ENDPOINT_URL: place.endpoint,
  };
}
