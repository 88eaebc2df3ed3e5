/**
 * What imports and Biome cannot say, read off the syntax: the purity of the rules in `lib/core`, and no word in the
 * product of work left undone. Each finding is one line, `file:line rule: why`.
 */
import ts from "typescript";

export type Finding = Readonly<{ file: string; line: number; rule: string; why: string }>;

/** Names that reach outside of a rule: the clock, chance, the process, the network, floating point. */
const impureNames = new Map([
  ["Math", "floating point and chance; use bigint, lib/core/money.ts or quantity.ts"],
  ["process", "a rule has no environment"],
  ["parseFloat", "floating point; parse with lib/core/money.ts or quantity.ts"],
  ["crypto", "chance; ids are given to a rule"],
  ["performance", "a clock"],
  ["fetch", "I/O"],
  ["setTimeout", "a clock"],
  ["setInterval", "a clock"],
  ["console", "I/O"],
]);
const impureMethods = new Map([
  ["toFixed", "floating point"],
  ["parseFloat", "floating point"],
  ["localeCompare", "the order would depend on the machine; compare code units with <"],
  ["toLocaleString", "the result would depend on the machine"],
]);

/** Checks one file; `file` is relative to the project's folder, with forward slashes. */
export function findingsIn(file: string, text: string): readonly Finding[] {
  const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true, kind);
  const findings: Finding[] = [];
  const add = (at: number, rule: string, why: string) =>
    findings.push({ file, line: source.getLineAndCharacterOfPosition(at).line + 1, rule, why });

  if (isProduct.test(file) && !journalWriters.has(file))
    for (const match of text.matchAll(journalWrites))
      add(
        match.index,
        "one-writer",
        "the journal is written by lib/books/ledger.ts alone, so that no entry goes past its rules",
      );
  for (const [word, at] of unfinished(text)) add(at, "unfinished", `"${word}": finish it, or say why not`);
  const isCore = file.startsWith("lib/core/");
  const visit = (node: ts.Node): void => {
    if (isCore) for (const [rule, why] of impurities(node)) add(node.getStart(source), rule, why);
    node.forEachChild(visit);
  };
  visit(source);
  return findings;
}

const isProduct = /^(app|lib|workers|integrations)[/]/;
/** Where entries are made, and the chain that they are in. */
const journalWriters: ReadonlySet<string> = new Set(["lib/books/ledger.ts", "lib/books/chain.ts"]);
const journalWrites =
  /\binto\s+app\.(?:journal_entries|postings|journal_blocks|journal_heads)\b|\b(?:bulkInsert\(\s*[\w.]+\s*,|insert\()\s*(?:journalEntries|postings|journalBlocks|journalHeads)\b/g;

const promises = ["TODO", "FIXME"].join("|");
const promised = new RegExp(`(?:[/]/|[*]).*\\b(${promises})\\b`, "g");
const unchecked = /@ts-(?:ignore|nocheck)\b|@ts-expect-error(?![^\n]*\w)/g;

function* unfinished(text: string): Generator<readonly [string, number]> {
  for (const match of text.matchAll(promised)) yield [match[1] ?? "", match.index];
  for (const match of text.matchAll(unchecked)) yield [match[0], match.index];
}

function* impurities(node: ts.Node): Generator<readonly [string, string]> {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) {
    yield ["no-async", "a rule answers at once: it has nothing to wait for"];
  }
  if (ts.isIdentifier(node) && isValue(node)) {
    const why = impureNames.get(node.text);
    if (why !== undefined) yield [`no-${node.text.toLowerCase()}`, why];
  }
  if (ts.isPropertyAccessExpression(node)) {
    const why = impureMethods.get(node.name.text);
    if (why !== undefined) yield [`no-${node.name.text.toLowerCase()}`, why];
    if (isNamed(node.expression, "Date") && node.name.text === "now") yield ["no-clock", "the time is given to a rule"];
  }
  if (ts.isNewExpression(node) && isNamed(node.expression, "Date") && (node.arguments?.length ?? 0) === 0) {
    yield ["no-clock", "the time is given to a rule"];
  }
  if (ts.isCallExpression(node)) {
    if (isNamed(node.expression, "Number")) yield ["no-number", "floating point; keep bigint"];
    if (isNamed(node.expression, "Date")) yield ["no-clock", "the time is given to a rule"];
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) yield ["no-async", "a rule loads nothing"];
  }
}

/** A name that is used as a value: not a property's, a declaration's, or a type's. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return (
    !ts.isTypeNode(parent) &&
    !ts.isTypeElement(parent) &&
    !ts.isImportSpecifier(parent) &&
    !(ts.isVariableDeclaration(parent) && parent.name === node) &&
    !(ts.isParameter(parent) && parent.name === node) &&
    !(ts.isFunctionDeclaration(parent) && parent.name === node)
  );
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}
