/**
 * What banks call their columns, in the languages of the layouts seen so far. Words only suggest: a column must also hold what its name
 * promises (csv-layout.ts), because "Valuta" is a day in German, a currency in Italian, and both in Dutch.
 */

export type Role =
  | "date"
  | "amount"
  | "credit"
  | "debit"
  | "balance"
  | "payee"
  | "memo"
  | "id"
  | "currency"
  | "account"
  | "direction"
  | "kind"
  | "check"
  | "state"
  | "fee";

/** A header as it is compared: small letters, no accents, words parted by single blanks. */
export function plain(header: string): string {
  return header
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Patterns by role, the best first; a match's place in the list is its rank. They meet headers without a currency behind. */
const names: Readonly<Record<Role, readonly RegExp[]>> = {
  date: [
    /^(date|datum|fecha|data|dato)$/,
    /^(buchungstag|buchungsdatum|buchung|book(ing|ed)? date|post(ing|ed)? date|date posted|date (processed|booked)|completed date( utc)?|date (de )?(l )?operation|date (de )?comptabilisation|date comptable|fecha (de )?(la )?(operacion|contable|movimiento)|data (contabile|registrazione|(do )?movimento|operazione|mov|(de )?lancamento|operacji|ksiegowania)|boek(ings)?datum|transactiedatum|datum zauctovani|date operation)$/,
    /^(trans(action)? date|transaction date.*|date of transaction|datetime|date time|date and time|created( at| on| date)?( utc)?|started date( utc)?|timestamp|time|belegdatum|umsatzdatum|transaktionsdatum|umsatz getatigt am|date d achat|date (de )?transaction|fecha hora|data transacao|data da transacao|datum tijd|datum transactie)$/,
    /^(value date|valuta|valutadatum|valuta datum|wertstellung(sdatum)?|wert|date (de )?valeur|fecha (de )?valor|data (di )?valuta|data valor|rentedatum|datum provedeni|execution date)$/,
    /(^| )(date|datum|fecha|data|tag)( |$)|datum$/,
  ],
  amount: [
    /^(amount|transaction amount|betrag|umsatz|montant|importe|importo|bedrag|valor|value|sum|summe|buchungsbetrag|amount total|total amount|net|netto|net amount|castka|kwota|belop|belob|suma|quantia|montante|inflow outflow|amount in account currency|transaktionsbetrag)$/,
    /^(betrag in|montant en|montant (de l |de la |d )?operation|montant( de la)? transaction|importe en|importo in|bedrag in|amount in|valor em|valor en|amount account currency|importe (de la )?operacion|importe movimiento)$/,
  ],
  credit: [
    /^(credits?|credit amount|amount credit|deposits?|deposit amount|paid in|money in|haben|gutschrift(en)?|einzahlung(en)?|eingang|eingange|einnahmen?|abonos?|haber|ingresos?|entrate?|accrediti?|avere|bij|bijschrijving(en)?|creditos?|entradas?|recettes?|receipts?|received|inflow|encaissements?|amount in|incoming|in|payments in|kredit|montant (au )?credit|credito|bijboeking)$/,
  ],
  debit: [
    /^(debits?|debit amount|amount debit|withdrawals?|withdrawal amount|paid out|money out|soll|belastung(en)?|lastschrift(en)?|auszahlung(en)?|ausgang|ausgange|ausgaben?|cargos?|debe|gastos?|uscite?|addebiti?|dare|af|afschrijving(en)?|debitos?|saidas?|depenses?|spent|outflow|amount out|outgoing|out|payments out|debet|charges?|montant (au )?debit|debito|spending|spend|afboeking)$/,
  ],
  balance: [
    /^(balance|running ?balance|current balance|account balance|balance after( transaction)?|ending balance|closing balance|ledger balance|saldo|solde|kontostand|saldo nach buchung|saldo na( mutatie)?|saldo contabile|saldo contable|saldo disponible|saldo after|solde apres( operation)?|bal|zustatek|saldo po operacji|saldo po|running bal|disponible)$/,
  ],
  payee: [
    /^(payee|payee name|counterparty|merchant|merchant name|counterparty( name)?|partner( name)?|beneficiary( name)?|recipient|empfanger(in)?|zahlungsempfanger( in)?|auftraggeber( in)?( empfanger( in)?)?|auftraggeber beg(u|ue)nstigter|begunstigter( zahlungspflichtiger)?|beguenstigter zahlungspflichtiger|zahlungsbeteiligter|name zahlungsbeteiligter|name des partners|zahlungspflichtige r|zahlungspflichtiger|beneficiaire|tiers|nom( du)? tiers|contrepartie|nom contrepartie|beneficiario|beneficiario ordenante|ordenante|contraparte|controparte|beneficiario ordinante|naam tegenpartij|naam wederpartij|naam omschrijving|tegenpartij naam|tegenpartij|omschrijving naam|nazev protiuctu|counteraccount name|destinatario|from to|transaction partner)$/,
    /^(name|naam|nom|nombre|nome)$/,
  ],
  memo: [
    /^(description|descriptions|transaction description|details?|transaction details?|particulars|narrative|narration|memo|label|libelle.*|buchungstext|verwendungszweck|beschreibung|transaktionsbeschreibung|concepto|descripcion|descrizione|descrizione operazione|causale|omschrijving|mededelingen?|descricao|descritivo|historico|desc|text|bezeichnung|remittance information|buchungsdetails|transaction narrative|lancamento|opis|popis|movimiento)$/,
    /^(notes?|remarque|remarks?|reference|detail.*|betreff|zahlungsreferenz|original description|bank desc|communication.*|vrije mededeling|gestructureerde mededeling|observaciones|motif|zprava.*|message.*|mas datos|comentario|vorgang|umsatztext|referencia|kommentar|comment)$/,
  ],
  id: [
    /^(id|transaction id|transaction uid|fitid|unique id|transaktions id|transactie id|tx id|reference id|transaction reference( number)?|id transaction|id de transaccion|referencni cislo transakce)$/,
  ],
  currency: [
    /^(currency|currency code|ccy|transaction currency|account currency|wahrung|waehrung|buchungswahrung|devise|moneda|divisa|munt|muntsoort|valuta|moeda|mena|waluta|curr|valutakod)$/,
  ],
  account: [
    /^(account|account number|account no|account name|rekening|rekeningnummer|iban|iban auftragskonto|auftragskonto|auftraggeberkonto|iban auftraggeberkonto|eigenes konto|konto|kontonummer|compte|numero de compte|n compte|cuenta|numero de cuenta|conto|numero conto|conta|iban bban)$/,
  ],
  direction: [
    /^(af bij|bij af|debit credit|credit debit|debit or credit|credit or debit|dr cr|cr dr|db cr|d c|c d|dc|cd|soll haben|s h|sh|soll haben kennzeichen|sens|sign|indicator|debit credit indicator|credit debit indicator|d c indicator|debet credit|dare avere|plus minus|direction|transaction type|type|typ|tipo|drcr)$/,
  ],
  kind: [/^(type|transaction type|typ|tipo|art|umsatzart|category|categorie|kategorie|details|mutatiesoort)$/],
  // A savings bank's “Info” says “Umsatz gebucht” or “Umsatz vorgemerkt”.
  state: [/^(state|status|stato|estado|statut|etat|buchungsstatus|transaction status)$/, /^info$/],
  fee: [/^(fees?|gebuhr(en)?|entgelt|frais|comision|commissione|kosten|transaction fee)$/],
  check: [
    /^(check|check number|checknumber|check no|cheque|cheque number|cheque no|check or slip|chq no|chq ref no|schecknummer)$/,
  ],
};

/** Words that make an amount another thing than what moved the balance. */
const notTheAmount =
  /original|foreign|fremd|ausland|local|amount currency|currency amount|\bfees?\b|\btax\b|gebuhr|limit|exchange|\brate\b|kurs|discount|\bvat\b|available|verfugbar|reserved|beginning|opening|starting|start/;
/** A currency or unit behind a name: "Amount CZK", "Withdrawals (SGD)", "Montant en euros". */
const unit =
  / (in |en |em )?(eur|euros?|usd|gbp|czk|pln|sgd|aud|cad|nzd|inr|jpy|chf|sek|nok|dkk|hkd|brl|mxn|zar|[a-z]{3})$/;
const moneyRoles: readonly Role[] = ["amount", "credit", "debit", "balance"];

/** How well a header fits a role: 0 best, null not at all. */
export function rankOf(header: string, role: Role): number | null {
  const name = plain(header);
  if (name === "" || name.length > 60) return null;
  if (moneyRoles.includes(role) && notTheAmount.test(name)) return null;
  if ((role === "currency" || role === "date") && /original|foreign|fremd|birth|release|ship/.test(name)) return null;
  const direct = names[role].findIndex((pattern) => pattern.test(name));
  if (direct >= 0) return direct;
  if (!moneyRoles.includes(role)) return null;
  const bare = names[role].findIndex((pattern) => pattern.test(name.replace(unit, "")));
  return bare >= 0 ? bare + 0.5 : null;
}

/** The currency in a header's words ("Amount CZK", "Betrag (EUR)"), as it is written there. */
export function unitOf(header: string): string | null {
  const found = /[^\p{L}]([A-Z]{3}|€|£)\)?$/u.exec(header.trim());
  if (found) return found[1] ?? null;
  return / euros?$/.test(plain(header)) ? "EUR" : null;
}

/** Could this row be a table's header? It names a day and an amount, and holds neither. */
export function isHeader(cells: readonly string[]): boolean {
  const has = (role: Role) => cells.some((cell) => rankOf(cell, role) !== null);
  return has("date") && (has("amount") || has("credit") || has("debit"));
}

/** Is this the header of a list of orders or sales? Three of its words are more than any bank has. */
export function isSalesList(headers: readonly string[]): boolean {
  const words =
    /\b(sku|quantity|qty|order (id|number|no|date|status|total)|item (title|name|total|price|subtotal)|product|buyer|ship(ping|ment|ped)?|fulfillment|listing|asin|variant|line ?item|gross sales|net sales|carrier|tracking)\b/;
  return headers.filter((header) => words.test(plain(header))).length >= 3;
}

const openingWords =
  /^(opening|beginning|previous|starting|brought forward).*balance|balance (brought|b)( |\/)?(forward|fwd|f)|^(anfangssaldo|alter (kontostand|saldo)|saldovortrag|solde (initial|precedent|anterieur|d ouverture)|ancien solde|saldo (inicial|anterior|iniziale|precedente|poczatkowe)|beginsaldo|openingssaldo|vorig saldo|start saldo)/;
const closingWords =
  /^(closing|ending|ledger|new|final).*balance|balance carried forward|^(endsaldo|neuer (kontostand|saldo)|kontostand|schlusssaldo|solde (final|au|actuel|nouveau)|nouveau solde|saldo (final|finale|actual|do dia|koncowe)|eindsaldo|nieuw saldo|s a l d o)/;

/** Does a text name the balance before or after the lines, and not a payment? */
export function balanceWord(text: string): "opening" | "closing" | null {
  const words = plain(text);
  if (words.length > 60) return null;
  if (openingWords.test(words)) return "opening";
  return closingWords.test(words) ? "closing" : null;
}

/** Lines under or over a table that sum it up. */
export function isSummary(text: string): boolean {
  return (
    /^(total|totals|sub ?total|summe|gesamt|totaal|totale|somme|suma|sum)\b/.test(plain(text)) ||
    balanceWord(text) !== null
  );
}

const outWords = new Set([
  "d",
  "dr",
  "db",
  "dbit",
  "debit",
  "debet",
  "af",
  "s",
  "soll",
  "o",
  "out",
  "-",
  "debito",
  "cargo",
  "dare",
  "belastung",
  "withdrawal",
  "outgoing",
  "debe",
]);
const inWords = new Set([
  "c",
  "cr",
  "crdt",
  "credit",
  "bij",
  "h",
  "haben",
  "i",
  "in",
  "+",
  "credito",
  "abono",
  "avere",
  "gutschrift",
  "deposit",
  "incoming",
  "haber",
  "kredit",
]);

/** What a word beside an unsigned amount says: money out, money in, or nothing that is known. */
export function directionOf(text: string): "out" | "in" | null {
  const word = text.trim() === "-" || text.trim() === "+" ? text.trim() : plain(text);
  if (outWords.has(word)) return "out";
  return inWords.has(word) ? "in" : null;
}

/** What the bank calls a line, for knowing whether a card's purchases stand there as positive. */
export function kindOf(text: string): "spending" | "receiving" | null {
  const word = plain(text);
  if (/^(sale|purchase|charge|pos|card payment|kauf|achat|compra|debit|withdrawal|fee)\b/.test(word)) return "spending";
  return /^(payments?|credits?|refund|return|deposit|gutschrift|remboursement)\b/.test(word) ? "receiving" : null;
}

/** Does a card's line say that its owner paid the card's bill? */
export function isCardPayment(text: string): boolean {
  return /\bpayment\b.*\bthank you\b|\bthank you\b.*\bpayment\b|^payment received\b|\bautopay payment\b|^paiement recu\b|^zahlung (erhalten|eingegangen)/.test(
    plain(text),
  );
}

/** Does a line's status say that its money never moved, or not yet? */
export function isNotBooked(state: string): boolean {
  return /^(pending|reverted|failed|declined|cancell?ed|rejected|blocked|(umsatz )?vorgemerkt|ausstehend|storniert|abgelehnt|en attente|annule|refuse|pendiente|cancelad[oa]|rechazad[oa]|in sospeso|annullat[oa]|in behandeling)\b/.test(
    plain(state),
  );
}
