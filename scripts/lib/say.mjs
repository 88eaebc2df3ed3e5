// How the start and test scripts speak: one line a step, and one clear line when something is wrong.

/** Something that the person at the keyboard can put right; shown as its message alone, without a stack. */
export class Trouble extends Error {}

/** Runs a step, then prints its name, what came of it, and the time when it took any. */
export async function step(name, work) {
  const began = Date.now();
  const result = await work();
  const seconds = (Date.now() - began) / 1000;
  const time = seconds >= 0.95 ? ` (${seconds.toFixed(0)} s)` : "";
  console.log(`  ${name.padEnd(10)} ${result}${time}`);
}

/** The last lines of a text, indented: what a part said before it ended. */
export function lastLines(text, count) {
  return text
    .trimEnd()
    .split("\n")
    .slice(-count)
    .map((line) => `    ${line}`)
    .join("\n");
}
