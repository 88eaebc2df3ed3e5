/** What a browser calls itself, in words that its owner knows again: "Firefox on Linux". */
export function browserOf(agent: string): string {
  const browser =
    [
      ["Edg", "Edge"],
      ["OPR", "Opera"],
      ["SamsungBrowser", "Samsung Internet"],
      ["Firefox", "Firefox"],
      ["FxiOS", "Firefox"],
      ["CriOS", "Chrome"],
      ["Chrome", "Chrome"],
      ["Safari", "Safari"],
    ].find(([mark]) => agent.includes(`${mark}/`))?.[1] ?? null;
  const system =
    [
      ["iPhone", "an iPhone"],
      ["iPad", "an iPad"],
      ["Android", "Android"],
      ["Windows", "Windows"],
      ["Mac OS X", "a Mac"],
      ["CrOS", "ChromeOS"],
      ["Linux", "Linux"],
    ].find(([mark]) => mark !== undefined && agent.includes(mark))?.[1] ?? null;
  if (browser === null && system === null) return "A program";
  return system === null ? (browser ?? "") : `${browser ?? "A browser"} on ${system}`;
}
