/** Lines of a label and a text that fit the terminal; what is longer than a line stays whole. */
import { wrap } from "../output/wrap.ts";

const LABEL = 9;

export function labelled(label: string, text: string, columns: number): readonly string[] {
  const [first = "", ...others] = wrap(text, " ".repeat(LABEL), columns);
  return [label.padEnd(LABEL) + first.slice(LABEL), ...others];
}

export function paragraph(text: string, columns: number): string {
  return wrap(text, "", columns).join("\n");
}
