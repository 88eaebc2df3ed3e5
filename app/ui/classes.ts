/** Class names of what holds, in order; nothing else of it is needed. */
export function classes(...names: readonly (string | false | null | undefined)[]): string | undefined {
  const held = names.filter(Boolean).join(" ");
  return held === "" ? undefined : held;
}
