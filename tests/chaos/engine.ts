/**
 * Simulated time. What is to happen stands in a heap by its time; the real workflow's promises go on between two events, and
 * only then does the next event happen. So whoever waits for a call goes on at the moment of its answer, and the order
 * of all that happens follows from the seed alone.
 */
interface Planned {
  readonly time: number;
  /** Breaks ties: what was planned first happens first. */
  readonly order: number;
  readonly act: () => void;
}

export class Engine {
  /** Milliseconds since 1970. */
  now: number;
  events = 0;
  readonly #heap: Planned[] = [];
  #planned = 0;
  #woken = false;
  #stopped = false;

  constructor(start: number) {
    this.now = start;
  }

  get iso(): string {
    return new Date(this.now).toISOString();
  }

  after(milliseconds: number, act: () => void): void {
    this.at(this.now + milliseconds, act);
  }

  at(time: number, act: () => void): void {
    this.#push({ time: Math.max(time, this.now), order: this.#planned++, act });
  }

  /** To be called where a promise of the workflow was settled, or the workflow was begun: it goes on before the next event. */
  woke(): void {
    this.#woken = true;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Runs until nothing is planned any more, or `until` (milliseconds since 1970) is reached. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    while (!this.#stopped) {
      const next = this.#heap[0];
      if (!next || next.time > until) break;
      this.#pop();
      this.now = next.time;
      this.events++;
      next.act();
      if (!this.#woken) continue;
      this.#woken = false;
      // All that can go on without a further event has gone on when the microtasks have run out.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (until !== Number.POSITIVE_INFINITY && !this.#stopped) this.now = Math.max(this.now, until);
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (!parent || isBefore(parent, planned)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let child = heap[down];
      if (!child) break;
      const other = heap[down + 1];
      if (other && isBefore(other, child)) {
        child = other;
        down++;
      }
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
