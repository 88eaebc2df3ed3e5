/**
 * A GSTIN, the number that a business in India is registered for its tax under: two digits of the state, the ten of the PAN, one that
 * counts the holder's registrations in the state, one letter, and a check digit over all before it (base 36, weights 1 and 2 in turn,
 * the digits of each product added). A number with one wrong character never passes, so a typing error is told at once.
 */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const shape = /^\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z][A-Z][0-9A-Z]$/;

/** The check digit of the first 14 characters. */
function checkDigit(first: string): string {
  let sum = 0;
  for (let at = 0; at < first.length; at += 1) {
    const product = digits.indexOf(first[at] ?? "") * (at % 2 === 0 ? 1 : 2);
    const low = product % 36;
    sum += (product - low) / 36 + low;
  }
  return digits[(36 - (sum % 36)) % 36] ?? "";
}

/** What was typed as a GSTIN in its plain form, or null where it is none: wrong shape, a state that is none, or a wrong check digit. */
export function gstinOf(typed: string): string | null {
  const text = typed.replace(/[\s-]/g, "").toUpperCase();
  if (!shape.test(text)) return null;
  const state = text.slice(0, 2);
  // 01 to 38 are states and territories, 96 foreign holders, 97 other territory, 99 the centre.
  const isState = (state >= "01" && state <= "38") || state === "96" || state === "97" || state === "99";
  return isState && checkDigit(text.slice(0, 14)) === text[14] ? text : null;
}
