/** The user's input is wrong: the message names it, with its place, and says the way out; no stack trace is shown. */
export class InputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InputError";
  }
}

/** Puts where it is (a file, a line) in front of what is wrong. */
export function inPlace<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}
