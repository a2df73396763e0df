/** @throws when the call is not refused for want of a permission. */
export async function refused(call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error) || !/AccessDenied/.test(error.name)) {
    throw new Error(
      `the call should be refused, and was answered with ${error instanceof Error ? error.name : "success"}`,
    );
  }
}
