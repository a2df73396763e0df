/** Breaks prose at spaces so that its lines, with what leads them, fit `width` columns; a longer word stays whole. */
export function wrap(text: string, lead: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && lead.length + line.length + 1 + word.length > width) {
      lines.push(lead + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, lead + line];
}

/** As wide as the terminal, within what is good to read; the same everywhere where there is none. */
export function columns(): number {
  return Math.min(Math.max(process.stdout.columns ?? 100, 60), 120);
}
