/** The user's input is wrong: the message names it and says the way out; no stack trace is shown. */
export class InputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InputError";
  }
}
