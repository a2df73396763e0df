/** Stays up after the scenes, for a person with the AWS CLI. */
import type { Theatre } from "./theatre.ts";

export async function keepUp(theatre: Theatre, write: (line: string) => void): Promise<void> {
  const { laptop, people } = theatre;
  const { accessKeyId, secretAccessKey } = people.developer.credentials;
  write(`
The stack stays up. In another terminal, as ${people.developer.caller.kind === "role" ? people.developer.caller.roleArn : "a developer"}:

  export AWS_ENDPOINT_URL=${laptop.stack.endpoint} AWS_REGION=${laptop.region} AWS_DEFAULT_REGION=${laptop.region}
  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}
  unset AWS_SESSION_TOKEN AWS_PROFILE

  aws sts get-caller-identity
  aws kms create-key --query KeyMetadata.Arn --output text
  aws bedrock-agent create-agent --agent-name my-bot --foundation-model my-model \\
    --agent-resource-role-arn ${theatre.role("service/ShopBot")} --customer-encryption-key-arn KEY_ARN
  aws kms get-key-policy --key-id KEY_ARN --policy-name default --query Policy --output text

What the guard does shows here. Ctrl-C ends it.
`);
  let over = false;
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        over = true;
        resolve();
      });
    }
  });
  while (!over) {
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 500))]);
    if (!over) await theatre.settle();
  }
}
