/** A binary heap: the smallest of what was put in is always at hand. For lots that do not come in the order in which they are taken. */
export class Heap<T> {
  private readonly items: T[] = [];

  constructor(private readonly compare: (a: T, b: T) => number) {}

  first(): T | undefined {
    return this.items[0];
  }

  put(item: T): void {
    const { items, compare } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = items[up];
      if (above === undefined || compare(above, item) <= 0) break;
      items[at] = above;
      at = up;
    }
    items[at] = item;
  }

  /** Takes the smallest away. */
  drop(): void {
    const { items, compare } = this;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      const left = items[2 * at + 1];
      if (left === undefined) break;
      const right = items[2 * at + 2];
      const down = right !== undefined && compare(right, left) < 0 ? 2 * at + 2 : 2 * at + 1;
      const below = items[down];
      if (below === undefined || compare(last, below) <= 0) break;
      items[at] = below;
      at = down;
    }
    items[at] = last;
  }
}
