import { type Place, roleNameOf } from "./place.ts";
import { trustOf } from "./policy.ts";
import type { Settings } from "./settings.ts";

/**
 * Has Amazon Q Developer in chat applications show two topics in a Slack channel. Nothing else: nobody may run anything from the
 * channel, its role has no permissions, and the guardrail denies all.
 *
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/slack-setup.html
 */
export function chat(
  place: Place,
  chatSettings: NonNullable<Settings["alerts"]["chat"]>,
  shown: readonly aws.sns.Topic[],
): void {
  const role = new aws.iam.Role("ChatRole", {
    name: roleNameOf(place, "chat"),
    description: "What may be done from the chat channel: nothing",
    // Without the usual condition on the account: AWS's pages do not say that the service names one, and the role can do nothing.
    assumeRolePolicy: trustOf("chatbot.amazonaws.com"),
  });
  new aws.chatbot.SlackChannelConfiguration("ChatChannel", {
    configurationName: place.prefix,
    iamRoleArn: role.arn,
    slackTeamId: chatSettings.workspaceId,
    slackChannelId: chatSettings.channelId,
    snsTopicArns: shown.map(({ arn }) => arn),
    guardrailPolicyArns: [`arn:${place.partition}:iam::aws:policy/AWSDenyAll`],
    loggingLevel: "ERROR",
    userAuthorizationRequired: false,
  });
}
