/**
 * Rows pasted from a spreadsheet: tabs between cells, line ends between rows, quotes around what holds either. Pure; the grid puts
 * the cells where the cursor stands.
 */
export function pastedRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const mark = text.charAt(at);
    if (quoted) {
      if (mark !== '"') cell += mark;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (mark === '"' && cell === "") quoted = true;
    else if (mark === "\t") {
      row.push(cell.trim());
      cell = "";
    } else if (mark === "\n" || mark === "\r") {
      if (mark === "\r" && text.charAt(at + 1) === "\n") at += 1;
      row.push(cell.trim());
      rows.push(row);
      row = [];
      cell = "";
    } else cell += mark;
  }
  row.push(cell.trim());
  rows.push(row);
  return rows.filter((cells) => cells.some((one) => one !== ""));
}

/** Whether a clipboard holds rows rather than one cell. */
export function isGrid(text: string): boolean {
  return /[\t\n]/.test(text.trim());
}
