/**
 * PayPal's columns by their English names, in the languages that its exports have been seen in (German in three layouts, French,
 * Spanish and Dutch in two, Italian), and what its row types are. The columns are chosen by the user, from 10 to more than 40.
 */
import type { ChargeCategory } from "../../../lib/core/facts";
import type { Entry } from "./ledger";
import type { Rename } from "./table";

const names: Readonly<Record<string, string>> = {
  "time zone": "timezone",
  subject: "subject",
  amount: "gross",
  "invoice id": "invoice number",
  custom: "custom number",
  // German.
  datum: "date",
  zeit: "time",
  uhrzeit: "time",
  zeitzone: "timezone",
  typ: "type",
  beschreibung: "type",
  währung: "currency",
  brutto: "gross",
  betrag: "gross",
  gebühr: "fee",
  entgelt: "fee",
  netto: "net",
  guthaben: "balance",
  transaktionscode: "transaction id",
  "zugehöriger transaktionscode": "reference txn id",
  "txn-referenzkennung": "reference txn id",
  artikelbezeichnung: "item title",
  artikelnummer: "item id",
  "versand- und bearbeitungsgebühr": "shipping and handling amount",
  versicherungsbetrag: "insurance amount",
  umsatzsteuer: "sales tax",
  rechnungsnummer: "invoice number",
  // PayPal's own translation of the custom number, and an older one.
  zollnummer: "custom number",
  "individuelle nummer": "custom number",
  anzahl: "quantity",
  betreff: "subject",
  hinweis: "note",
  "auswirkung auf guthaben": "balance impact",
  // French.
  heure: "time",
  "fuseau horaire": "timezone",
  nom: "name",
  état: "status",
  devise: "currency",
  "avant commission": "gross",
  brut: "gross",
  frais: "fee",
  commission: "fee",
  solde: "balance",
  "numéro de transaction": "transaction id",
  "nº de transaction de référence": "reference txn id",
  "numéro de la transaction de référence": "reference txn id",
  "titre de l'objet": "item title",
  "numéro d'objet": "item id",
  "montant de la livraison et du traitement": "shipping and handling amount",
  tva: "sales tax",
  "nº de facture": "invoice number",
  "nº de client": "custom number",
  objet: "subject",
  remarque: "note",
  "impact sur le solde": "balance impact",
  // Spanish.
  fecha: "date",
  hora: "time",
  "zona horaria": "timezone",
  tipo: "type",
  descripción: "type",
  estado: "status",
  divisa: "currency",
  moneda: "currency",
  bruto: "gross",
  importe: "gross",
  comisión: "fee",
  tarifa: "fee",
  neto: "net",
  saldo: "balance",
  nombre: "name",
  "id. de transacción": "transaction id",
  "id. de referencia de trans.": "reference txn id",
  "id. de transacción de referencia": "reference txn id",
  "id. de factura": "invoice number",
  "número de factura": "invoice number",
  "importe de envío y manipulación": "shipping and handling amount",
  "impuesto de ventas": "sales tax",
  "título del artículo": "item title",
  cantidad: "quantity",
  asunto: "subject",
  "impacto en el saldo": "balance impact",
  // Italian.
  data: "date",
  orario: "time",
  "fuso orario": "timezone",
  stato: "status",
  valuta: "currency",
  lordo: "gross",
  importo: "gross",
  tariffa: "fee",
  nome: "name",
  "codice transazione": "transaction id",
  "codice transazione di riferimento": "reference txn id",
  "titolo oggetto": "item title",
  "codice articolo": "item id",
  "importo spese di spedizione e imballaggio": "shipping and handling amount",
  "imposte sulle vendite": "sales tax",
  "n° ordine commerciante": "invoice number",
  "numero personalizzato": "custom number",
  quantità: "quantity",
  oggetto: "subject",
  messaggio: "note",
  "impatto sul saldo": "balance impact",
  // Dutch.
  tijd: "time",
  tijdzone: "timezone",
  naam: "name",
  kosten: "fee",
  transactiereferentie: "transaction id",
  "transactie-id": "transaction id",
  verzendkosten: "shipping and handling amount",
  objectreferentie: "item id",
  factuurnummer: "invoice number",
  hoeveelheid: "quantity",
  onderwerp: "subject",
  "effect op saldo": "balance impact",
};

/** Whether a header is in another language than English: then its days come before their months. */
export function isDayFirst(header: readonly string[]): boolean {
  return !header.includes("date");
}

export const paypalNames: Rename = (name) => names[name] ?? name;

/** Statuses of payments that moved the balance; all others (pending, denied, expired, voided) did not, or not yet. */
const settled =
  /^(|completed|abgeschlossen|terminé|terminée|effectué|effectuée|partially refunded|teilweise zurückgezahlt|partiellement remboursé|refunded|zurückgezahlt|remboursé|remboursée|reversed|rückgängig gemacht|cleared|removed|placed|returned|unclaimed|completad[oa]|(parcialmente )?reembolsad[oa]|completat[oa]|(parzialmente )?rimborsat[oa]|voltooid|(gedeeltelijk )?terugbetaald)$/i;
/** PayPal says itself what touches no balance. */
const isMemo = /^(memo|merkposten|mémo|note)$/i;

export function movesBalance(status: string, impact: string): boolean {
  return settled.test(status) && !isMemo.test(impact);
}

type Kind = Readonly<{ part: Entry["part"]; category: ChargeCategory }>;
const charge = (category: ChargeCategory): Kind => ({ part: "charge", category });

/** What a row of a type is, `gross` from the seller's side. What none of the words tells is "other". */
export function kindOf(type: string, gross: bigint): Kind {
  const name = type.toLowerCase();
  if (
    /currency conversion|währungsumrechnung|conversion de devise|conversión de divisas|conversione (di )?valuta|valutaomrekening/.test(
      name,
    )
  )
    return charge("exchange");
  // What was only promised or asked for, and the items of a cart whose payment stands in a row of its own.
  if (
    /^(general )?(re)?authori[sz]ation$|^order$|^void|shopping cart item|(invoice|request) (sent|received)$|^autorisierung$|^autorización( general)?$|^autorizzazione( generica)?$|^(algemene )?autorisatie$/.test(
      name,
    )
  )
    return { part: "nothing", category: "other" };
  // Money held back, and given free again, never left the balance.
  if (
    /\bhold\b|reserve|payment release|einbehalt|reversal of (general )?account (hold|correction)|authori[sz]ation|zahlung einbehalten|autorisierung|blocage|réserve|retención|bloqueo|trattenut|blocco|geblokkeerd|blokkering|inhouding/.test(
      name,
    )
  )
    return { part: "held", category: "other" };
  if (
    /withdrawal|abbuchung auf|abbuchung$|bankabbuchung|auszahlung|transfer to bank|virement (vers|sur) (le )?compte bancaire|retrait|user initiated|auto[- ]?sweep|retirada|retiro|prelievo|opname/.test(
      name,
    )
  )
    return { part: "payout", category: "other" };
  // The seller's own card or bank account pays into the balance what a purchase takes out of it.
  if (
    /card deposit|bank deposit|funds transfer funding|charge from (debit|credit) card|bankgutschrift|kreditkartengutschrift|deposit to pp account|add funds|guthaben aufgeladen|einzahlung|dépôt|approvisionnement|virement bancaire|depósito|versamento|bonifico bancario|storting/.test(
      name,
    )
  )
    return charge("bank");
  if (/loan|working capital|business financing|repayment|darlehen|prêt|préstamo|prestito|lening/.test(name))
    return charge("loan");
  if (
    /chargeback fee|dispute fee|partner fee|\bfee\b|gebühr|entgelt|frais|comisión|tarifa|tariffa|commissione|\bkosten\b/.test(
      name,
    ) &&
    !/reversal/.test(name)
  )
    return charge("processing");
  if (/label|postage|shipping purchase/.test(name) && gross < 0n) return charge("label");
  const isBack =
    /refund|reversal|chargeback|dispute|rückzahlung|rückbuchung|rückerstattung|remboursement|annulation|reembolso|devolución|contracargo|anulación|rimborso|storno|contestazione|terugbetaling|terugboeking|annulering/.test(
      name,
    );
  if (isBack)
    return /fee/.test(name) ? charge("processing") : gross < 0n || !isRefund(name) ? charge("refund") : charge("other");
  const isPayment =
    /payment|checkout|invoice|donation|auction|subscription|\bsale\b|zahlung|kauf|spende|abonnement|rechnung|paiement|\bdon\b|facture|achat|\bpago\b|venta|donación|suscripción|factura|compra|pagamento|donazione|abbonamento|fattura|acquisto|vendita|betaling|donatie|factuur|aankoop|verkoop/.test(
      name,
    );
  // What the seller pays by PayPal is a purchase or an expense of theirs, which only they can name.
  return isPayment && gross > 0n ? { part: "sale", category: "sale" } : charge("other");
}

/** Money that the seller gave back, other than by a dispute. */
export function isRefund(type: string): boolean {
  return /refund|rückzahlung|remboursement|reembolso|rimborso|terugbetaling/i.test(type);
}
