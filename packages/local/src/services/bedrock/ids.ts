import { newBedrockId } from "../shared/ids.ts";

export const ids = {
  agent: newBedrockId,
  alias: newBedrockId,
  /** Opaque to callers, who must not read anything from it. */
  toToken(id: string): string {
    return Buffer.from(`after:${id}`).toString("base64url");
  },
  fromToken(token: string): string | undefined {
    return /^after:(.+)$/.exec(Buffer.from(token, "base64url").toString())?.[1];
  },
};
