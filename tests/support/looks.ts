/** How a page looks: without faults for who cannot see it well, and no wider than the window. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Looks at an open page light and dark, wide and on a phone. `faults` tells what axe finds. */
export async function looksWell(
  at: Page,
  path: string,
  faults: (page: Page) => Promise<readonly string[]>,
): Promise<void> {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
  ] as const) {
    // A button that is on its way from one theme to the other has the colours of neither.
    await at.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await at.setViewportSize({ width, height: 800 });
    expect(await faults(at), `${path} ${colorScheme} ${width}`).toEqual([]);
    const wider = await at.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, `${path} is too wide at ${width}`).toBeLessThanOrEqual(0);
  }
}
