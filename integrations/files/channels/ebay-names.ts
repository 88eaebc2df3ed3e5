/**
 * eBay's columns and row types by their English names, in the words of its other sites. British and Australian reports say "postage"
 * where the American ones say "shipping"; the others are in the site's language.
 */
import type { Rename } from "./table";

const words: readonly (readonly [name: string, ...others: readonly string[]])[] = [
  [
    "transaction creation date",
    "datum der transaktionserstellung",
    "date de création de la transaction",
    "data creazione transazione",
    "data di creazione della transazione",
    "fecha de creación de la transacción",
  ],
  ["type", "typ", "tipo"],
  ["order number", "bestellnummer", "numéro de commande", "numéro de la commande", "numero ordine", "número de pedido"],
  ["net amount", "betrag abzügl. kosten", "nettobetrag", "montant net", "importo netto", "importe neto"],
  [
    "payout currency",
    "auszahlungswährung",
    "devise de versement",
    "devise du versement",
    "valuta pagamento",
    "divisa de pago",
  ],
  ["payout date", "auszahlungsdatum", "date de versement", "date du versement", "data pagamento", "fecha de pago"],
  [
    "payout id",
    "auszahlung nr.",
    "auszahlungsnummer",
    "numéro de versement",
    "numéro du versement",
    "id pagamento",
    "id de pago",
  ],
  ["item id", "artikelnummer", "numéro d'objet", "numéro de l'objet", "id oggetto", "número de artículo"],
  ["transaction id", "transaktionsnummer", "numéro de transaction", "id transazione", "número de transacción"],
  ["item title", "angebotstitel", "titre de l'objet", "titolo oggetto", "titolo", "título del artículo"],
  ["custom label", "bestandseinheit", "libellé personnalisé", "etichetta personalizzata", "etiqueta personalizada"],
  ["quantity", "anzahl", "quantité", "quantità", "cantidad"],
  ["item subtotal", "zwischensumme artikel", "sous-total de l'objet", "subtotale oggetto", "subtotal del artículo"],
  [
    "shipping and handling",
    "postage and packaging",
    "postage and handling",
    "verpackung und versand",
    "expédition et emballage",
    "frais d'expédition et d'emballage",
    "spedizione e imballaggio",
    "envío y manipulación",
  ],
  [
    "seller collected tax",
    "vom verkäufer eingezogene steuer",
    "taxe collectée par le vendeur",
    "imposta riscossa dal venditore",
    "impuesto recaudado por el vendedor",
  ],
  [
    "ebay collected tax",
    "von ebay eingezogene steuer",
    "taxe collectée par ebay",
    "imposta riscossa da ebay",
    "impuesto recaudado por ebay",
  ],
  ["final value fee - fixed", "fixer anteil der verkaufsprovision", "commissione sul valore finale - fissa"],
  ["final value fee - variable", "variabler anteil der verkaufsprovision", "commissione sul valore finale - variabile"],
  [
    "gross transaction amount",
    "transaktionsbetrag (inkl. kosten)",
    "montant brut de la transaction",
    "importo lordo transazione",
    "importe bruto de la transacción",
  ],
  [
    "transaction currency",
    "transaktionswährung",
    "devise de la transaction",
    "valuta transazione",
    "divisa de la transacción",
  ],
  ["exchange rate", "wechselkurs", "taux de change", "tasso di cambio", "tipo de cambio"],
  ["reference id", "referenznummer", "numéro de référence", "id di riferimento", "id de referencia"],
  ["description", "beschreibung", "descrizione", "descripción"],
  // The orders report's.
  ["item number", "numero oggetto"],
  ["sold for", "verkauft für", "vendu pour", "prix de vente", "venduto per", "prezzo di vendita", "vendido por"],
  ["total price", "gesamtbetrag", "gesamtpreis", "prix total", "costo totale", "prezzo totale", "precio total"],
  ["sale date", "verkauft am", "date de vente", "data vendita", "fecha de venta"],
  [
    "paid on date",
    "zahlungsdatum",
    "bezahlt am",
    "date de paiement",
    "pagato il",
    "data del pagamento",
    "fecha del pago",
  ],
];

const names = new Map(words.flatMap(([name, ...others]) => [name, ...others].map((word) => [word, name] as const)));

export const ebayNames: Rename = (column) => {
  const plain = column.replaceAll("’", "'");
  return names.get(plain) ?? plain;
};

/** The orders report calls an item by its number, and by the word that means its id in the other report. */
export const ebayOrderNames: Rename = (column) => {
  const name = ebayNames(column);
  return name === "item id" ? "item number" : name;
};

const types: readonly (readonly [RegExp, string])[] = [
  [/^(bestellung|commande|ordine|pedido)$/, "Order"],
  [/^(auszahlung|versement|pagamento|pago)$/, "Payout"],
  [/^(rückerstattung|remboursement|rimborso|reembolso)$/, "Refund"],
  [/^(einbehalt|retenue|blocage|trattenuta|retención)/, "Hold"],
  [/^(fall|anspruch|réclamation|reclamo|reclamación)$/, "Claim"],
  [/^(zahlungsstreit|zahlungskonflikt|litige|contestation|controversia|disputa)/, "Payment dispute"],
  [/^(versandetikett|versandaufkleber|versandschein|étiquette|etichetta|etiqueta)/, "Shipping label"],
  [/gebühr|^(autres )?frais\b|tariffa|commissione|tarifa|comisión/, "Other fee"],
  [/^(belastung|addebito|cargo|prélèvement)/, "Charge"],
  [/^(gutschrift|accredito|abono)/, "Credit"],
];

/** A row's type by its English name; one that is English already, or unknown, stays as it is. */
export function ebayType(type: string): string {
  const word = type.toLowerCase().normalize("NFC");
  return types.find(([pattern]) => pattern.test(word))?.[1] ?? type;
}
