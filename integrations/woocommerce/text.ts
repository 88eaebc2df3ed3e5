/** Names as a shop's theme writes them, with HTML's names for letters, as people read them. Pure. */

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  times: "×",
  hellip: "…",
  rsquo: "’",
  lsquo: "‘",
  rdquo: "”",
  ldquo: "“",
};

export function plainText(text: string): string {
  return text
    .replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,8}));/gi, (whole, decimal, hex, word) => {
      if (typeof word === "string") return Object.hasOwn(named, word) ? (named[word] ?? whole) : whole;
      const code = typeof decimal === "string" ? Number.parseInt(decimal, 10) : Number.parseInt(String(hex), 16);
      return code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
    })
    .trim();
}

/** What is empty is not there. */
export function textOf(text: string | null): string | null {
  return text === null || text.trim() === "" ? null : text.trim();
}
