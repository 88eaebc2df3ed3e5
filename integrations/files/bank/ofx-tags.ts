/**
 * The tags of an OFX file. OFX 1 is SGML whose end tags may be missing, OFX 2 is XML, and banks write in between; so tags are read one
 * by one and nesting is only a help. No XML parser is used: it would refuse half of the real files, and would know entities that can
 * be made to grow without end.
 */
import { Refusal } from "../../../lib/core/errors";

/** `value` is the text behind an opening tag up to the next tag, with its entities read. `line` is 1-based. */
export type Tag = Readonly<{
  name: string;
  attributes: string;
  isClosing: boolean;
  isEmptyElement: boolean;
  value: string;
  line: number;
}>;

const tagShape = /^(\/?)([A-Za-z][A-Za-z0-9._-]*)(\s[^<>]*)?$/;

/** All tags from the first `<` on. Throws xml_refused for a DOCTYPE or an ENTITY, before anything is read. */
export function* tagsOf(text: string): Generator<Tag> {
  refuseDocumentType(text);
  let line = 1;
  let counted = 0;
  let pending: Omit<Tag, "value"> | null = null;
  let value = "";
  let index = text.indexOf("<");
  while (index >= 0 && index < text.length) {
    const found = markupAt(text, index);
    if (found.kind === "text") {
      const next = text.indexOf("<", index + 1);
      value += text.slice(index, next < 0 ? text.length : next);
      index = next;
      continue;
    }
    if (found.kind === "cdata") value += found.content.replaceAll("&", "&amp;");
    if (found.kind === "tag") {
      if (pending) yield { ...pending, value: unescapeEntities(value).trim() };
      line += newlines(text, counted, index);
      counted = index;
      const { name, attributes, isClosing, isEmptyElement } = found;
      pending = { name, attributes, isClosing, isEmptyElement, line };
      value = "";
    }
    const next = text.indexOf("<", found.end);
    value += text.slice(found.end, next < 0 ? text.length : next);
    index = next;
  }
  if (pending) yield { ...pending, value: unescapeEntities(value).trim() };
}

/** A document type has no business in a bank statement; entities in it can unfold to gigabytes or read files. */
export function refuseDocumentType(text: string): void {
  const at = text.search(/<!(DOCTYPE|ENTITY)/i);
  if (at < 0) return;
  const line = newlines(text, 0, at) + 1;
  throw new Refusal(
    "xml_refused",
    `Line ${line}: the file declares a document type or entities, which a bank statement never does; it was not read.`,
    { row: String(line) },
  );
}

type Markup =
  | Readonly<{
      kind: "tag";
      name: string;
      attributes: string;
      isClosing: boolean;
      isEmptyElement: boolean;
      end: number;
    }>
  | Readonly<{ kind: "skip"; end: number }>
  | Readonly<{ kind: "cdata"; content: string; end: number }>
  | Readonly<{ kind: "text" }>;

/** What stands at a `<`: a tag, something to skip (comment, declaration), or a `<` that a bank forgot to escape. */
function markupAt(text: string, index: number): Markup {
  if (text.startsWith("<!--", index)) return { kind: "skip", end: endOf(text, "-->", index + 4) };
  if (text.startsWith("<![CDATA[", index)) {
    const end = endOf(text, "]]>", index + 9);
    return { kind: "cdata", content: text.slice(index + 9, Math.max(index + 9, end - 3)), end };
  }
  if (text.startsWith("<?", index) || text.startsWith("<!", index))
    return { kind: "skip", end: endOf(text, ">", index + 2) };
  // A tag's name is short; looking further would make a file full of "<" slow.
  const close = text.slice(index + 1, index + 300).indexOf(">");
  if (close < 0) return { kind: "text" };
  let inner = text.slice(index + 1, index + 1 + close);
  const isEmptyElement = inner.endsWith("/");
  if (isEmptyElement) inner = inner.slice(0, -1);
  const found = tagShape.exec(inner.trim());
  if (!found) return { kind: "text" };
  return {
    kind: "tag",
    name: (found[2] ?? "").toUpperCase(),
    attributes: (found[3] ?? "").trim(),
    isClosing: found[1] === "/",
    isEmptyElement,
    end: index + close + 2,
  };
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The five entities of XML, SGML's blank and numbers; a bare `&` stays what it is. Read once: what comes out is not read again. */
function unescapeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(String(hex), 16) : Number.parseInt(String(decimal), 10);
    const isLetter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    return isLetter ? String.fromCodePoint(point) : "";
  });
}
