/**
 * Each business has its share of a process's connections and no more: whoever asks for another waits for its own, in order, and not
 * for those of others. Nobody waits for ever.
 */

export type Turnstile = Readonly<{
  /** Waits for a place of `key`; gives what leaves it again. Rejects with `late()` after the longest wait. */
  enter: (key: string) => Promise<() => void>;
}>;

/** `most`: places for each key; `waitMs`: the longest that anybody waits; `late`: what they are told then. */
export function turnstile(most: number, waitMs: number, late: () => Error): Turnstile {
  const places = new Map<string, { taken: number; waiting: Set<() => void> }>();
  const leave = (key: string) => {
    const place = places.get(key);
    if (place === undefined) return;
    const [next] = place.waiting;
    if (next !== undefined) {
      // The place is handed on: whoever comes just now stands behind those who wait.
      place.waiting.delete(next);
      next();
      return;
    }
    place.taken -= 1;
    if (place.taken === 0) places.delete(key);
  };
  const once = (key: string) => {
    let isIn = true;
    return () => {
      if (isIn) leave(key);
      isIn = false;
    };
  };
  return {
    enter: async (key) => {
      const place = places.get(key) ?? { taken: 0, waiting: new Set<() => void>() };
      places.set(key, place);
      if (place.taken < most) {
        place.taken += 1;
        return once(key);
      }
      await new Promise<void>((resolve, reject) => {
        const letIn = () => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          place.waiting.delete(letIn);
          reject(late());
        }, waitMs);
        place.waiting.add(letIn);
      });
      return once(key);
    },
  };
}
