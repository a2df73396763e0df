/**
 * A call to AWS that failed, or an item that can't be read, is told to the person; all else is a bug of ours. Known by name:
 * the classes can't be imported without loading the AWS SDK.
 */
export function awsFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "UnreadableItemError") return error.message;
  if (error.name !== "AwsCallError") return undefined;
  const code = "code" in error ? String(error.code) : "";
  const way = WAYS.find(({ codes }) => codes.includes(code))?.way;
  return way === undefined ? error.message : `${error.message}; ${way}`;
}

const WAYS: readonly { readonly codes: readonly string[]; readonly way: string }[] = [
  {
    codes: ["ResourceNotFoundException"],
    way: "give `--table` as the deployment printed it, the Region that it is in, and credentials of its account",
  },
  {
    codes: [
      "CredentialsProviderError",
      "TokenProviderError",
      "ExpiredToken",
      "ExpiredTokenException",
      "InvalidClientTokenId",
      "InvalidSignatureException",
      "SignatureDoesNotMatch",
      "UnrecognizedClientException",
    ],
    way: "log in to the guard's account first, or name a profile of it in AWS_PROFILE",
  },
  {
    codes: ["AccessDenied", "AccessDeniedException"],
    way: "use credentials that may do this: the command's `--help` lists what they need",
  },
];
