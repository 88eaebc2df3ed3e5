/**
 * The words of Amazon's date range report in the languages of its marketplaces: columns by their English names, and the types of rows.
 * English (with what India and Australia have of their own), German, French (France and Belgium), Spanish, Italian, Dutch, Swedish,
 * Polish and Japanese.
 */
import type { Rename } from "./table";

const words: readonly (readonly [name: string, ...others: readonly string[]])[] = [
  [
    "date/time",
    "datum/uhrzeit",
    "date/heure",
    "fecha y hora",
    "fecha/hora",
    "data/ora",
    "datum/tijd",
    "datum/tid",
    "data/godzina",
    "日付/時間",
  ],
  [
    "settlement id",
    "abrechnungsnummer",
    "numéro de versement",
    "identifiant du paiement",
    "identificador de pago",
    "id. de liquidación",
    "numero pagamento",
    "schikkings-id",
    "reglerings-id",
    "identyfikator rozliczenia",
    "決済番号",
  ],
  ["type", "typ", "tipo", "トランザクションの種類"],
  [
    "order id",
    "bestellnummer",
    "numéro de la commande",
    "numéro commande",
    "número de pedido",
    "id. del pedido",
    "numero ordine",
    "bestelnummer",
    "beställnings-id",
    "identyfikator zamówienia",
    "注文番号",
  ],
  ["description", "beschreibung", "descripción", "descrizione", "beschrijving", "beskrivning", "opis", "説明"],
  ["quantity", "menge", "quantité", "cantidad", "quantità", "aantal", "antal", "ilość", "数量"],
  ["marketplace", "site de vente", "web de amazon", "marknadsplats", "rynek", "amazon 出品サービス"],
  [
    "product sales",
    "umsätze",
    "produktverkäufe",
    "ventes de produits",
    "ventas de productos",
    "vendite",
    "vendite prodotti",
    "verkoop van producten",
    "productverkoop",
    "försäljning av produkter",
    "sprzedaż produktów",
    "商品売上",
  ],
  [
    "product sales tax",
    "produktumsatzsteuer",
    "umsatzsteuer auf produktverkäufe",
    "taxes sur la vente des produits",
    "impuesto de ventas de productos",
    "imposta sulle vendite dei prodotti",
    "imposte vendita prodotti",
    "商品の売上税",
  ],
  [
    "shipping credits",
    "postage credits",
    "gutschrift für versandkosten",
    "gutschriften für versandkosten",
    "crédits d'expédition",
    "abonos de envío",
    "créditos de envío",
    "accrediti per le spedizioni",
    "accrediti spedizione",
    "verzendtegoeden",
    "verzendtegoed",
    "fraktkrediter",
    "noty kredytowe za wysyłkę",
    "配送料",
  ],
  [
    "shipping credits tax",
    "postage credits tax",
    "steuer auf versandgutschrift",
    "taxe sur les crédits d'expédition",
    "impuestos por abonos de envío",
    "impuesto de abono de envío",
    "imposta accrediti per le spedizioni",
    "配送料の税金",
  ],
  [
    "gift wrap credits",
    "giftwrap credits",
    "gutschrift für geschenkverpackung",
    "gutschriften für geschenkverpackung",
    "crédits sur l'emballage cadeau",
    "crédits d'emballage-cadeau",
    "abonos de envoltorio para regalo",
    "créditos por envoltorio de regalo",
    "accrediti per confezioni regalo",
    "accrediti confezione regalo",
    "kredietpunten cadeauverpakking",
    "cadeauverpakking tegoed",
    "krediter för presentinslagning",
    "środki na pokrycie pakowania na prezent",
    "ギフト包装手数料",
  ],
  [
    "gift wrap credits tax",
    "giftwrap credits tax",
    "steuer auf geschenkverpackungsgutschriften",
    "taxes sur les crédits cadeaux",
    "impuestos por abonos de envoltorio para regalo",
    "impuesto de créditos de envoltura",
    "imposta sui crediti confezione regalo",
    "ギフト包装クレジットの税金",
  ],
  ["regulatory fee", "tarifa reglamentaria"],
  ["tax on regulatory fee", "impuesto sobre tarifa reglamentaria"],
  [
    "promotional rebates",
    "rabatte aus werbeaktionen",
    "aktionsrabatte",
    "rabais promotionnels",
    "total des réductions",
    "devoluciones promocionales",
    "descuentos promocionales",
    "rebajas promocionales",
    "sconti promozionali",
    "promotiekortingen",
    "kampanjrabatter",
    "rabaty promocyjne",
    "プロモーション割引額",
  ],
  [
    "promotional rebates tax",
    "steuer auf aktionsrabatte",
    "taxes sur les remises promotionnelles",
    "impuestos de descuentos por promociones",
    "impuesto de reembolsos promocionales",
    "imposta sugli sconti promozionali",
    "プロモーション割引の税金",
  ],
  [
    "sales tax collected",
    "taxe de ventes prélevée",
    "geïnde omzetbelasting",
    "inkasserad moms",
    "pobrany podatek od sprzedaży",
    "total sales tax liable(gst before adjusting tcs)",
    "total sales tax liable (gst before adjusting tcs)",
    "total sales tax liable",
  ],
  [
    "marketplace withheld tax",
    "marketplace facilitator tax",
    "einbehaltene steuer auf marketplace",
    "taxes retenues sur le site de vente",
    "taxe marketplace facilitator",
    "impuesto retenido en el sitio web",
    "impuesto de retenciones en la plataforma",
    "trattenuta iva del marketplace",
    "belasting voor marketplace-facilitator",
    "skatt för marknadsplatsförmedlare",
    "podatek od transakcji marketplace facilitator",
    "low value goods",
    "源泉徴収税を伴うマーケットプレイス",
  ],
  [
    "selling fees",
    "verkaufsgebühren",
    "frais de vente",
    "tarifas de venta",
    "commissioni di vendita",
    "verkoopkosten",
    "försäljningsavgifter",
    "opłaty za sprzedaż",
    "手数料",
  ],
  [
    "fba fees",
    "gebühren zu versand durch amazon",
    "versand durch amazon gebühren",
    "frais expédié par amazon",
    "frais pour le service expédié par amazon",
    "tarifas de logística de amazon",
    "tarifas fba",
    "costi del servizio logistica di amazon",
    "tariffe logistica di amazon",
    "fba-vergoedingen",
    "fba-kosten",
    "fba-avgifter",
    "opłaty za fba",
    "fba 手数料",
  ],
  [
    "other transaction fees",
    "andere transaktionsgebühren",
    "autres frais de transaction",
    "tarifas de otras transacciones",
    "tarifas de otra transacción",
    "altri costi relativi alle transazioni",
    "overige transactiekosten",
    "övriga transaktionsavgifter",
    "inne opłaty transakcyjne",
    "トランザクションに関するその他の手数料",
  ],
  ["points", "amazonポイントの費用", "amazon points", "cost of points", "point fee"],
  ["tds", "tds (section 194-o)", "tds(section 194-o)"],
  ["other", "andere", "autre", "autres", "otro", "altro", "overige", "overig", "övrigt", "inne", "その他"],
  ["total", "gesamt", "summe", "totale", "totaal", "totalt", "suma", "合計"],
  [
    "transaction status",
    "transaktionsstatus",
    "statut de la transaction",
    "estado de la transacción",
    "stato della transazione",
    "transactiestatus",
    "トランザクションのステータス",
  ],
];

const names = new Map(words.flatMap(([name, ...others]) => [name, ...others].map((word) => [word, name] as const)));

/** A column's English name: exports write apostrophes in two ways, and some a colon behind the name. */
export const rangeNames: Rename = (column) => {
  const plain = column.replaceAll("’", "'").replace(/\s*:$/, "");
  return names.get(plain) ?? plain;
};

export type RangeType = "order" | "refund" | "transfer" | "else";
/** What a row's type is, in any of the languages. Whatever is neither is told by its words alone. */
export function rangeTypeOf(type: string): RangeType {
  const word = type.toLowerCase().normalize("NFC");
  if (/^(order|bestellung|commande|pedido|ordine|bestelling|beställning|zamówienie|liquidations?|注文)$/.test(word))
    return "order";
  if (
    /^(transfer|übertrag|transfert|transferir|transferencia|trasferimento|overboeking|overdracht|överföring|przelew|振込み?)$/.test(
      word,
    )
  )
    return "transfer";
  if (
    /refund|erstattung|remboursement|reembolso|rimborso|terugbetaling|återbetalning|zwrot|返金|chargeback|a-to-z|a-bis-z|retrocharge/.test(
      word,
    ) &&
    !/reimburs|fee refund/.test(word)
  )
    return "refund";
  return "else";
}

/** Sale's status "deferred", in any of the languages: it is not in the balance yet. */
export function isDeferred(status: string): boolean {
  return /deferred|aufgeschoben|zurückgestellt|différé|diferid|differit|uitgesteld|uppskjut|odrocz|保留|延期/i.test(
    status,
  );
}

const currencies: Readonly<Record<string, string>> = {
  com: "USD",
  ca: "CAD",
  "com.mx": "MXN",
  "com.br": "BRL",
  "co.uk": "GBP",
  de: "EUR",
  fr: "EUR",
  it: "EUR",
  es: "EUR",
  nl: "EUR",
  ie: "EUR",
  "com.be": "EUR",
  se: "SEK",
  pl: "PLN",
  "com.tr": "TRY",
  ae: "AED",
  sa: "SAR",
  eg: "EGP",
  in: "INR",
  "co.jp": "JPY",
  "com.au": "AUD",
  sg: "SGD",
  "co.za": "ZAR",
};

/** The currency of the marketplaces that rows are of, where all are of one; null where they do not say. */
export function currencyOfMarketplaces(marketplaces: readonly string[]): string | null {
  const found = marketplaces.flatMap((name) => {
    const domain = /^(?:www\.)?amazon\.([a-z.]+)$/.exec(name.trim().toLowerCase())?.[1];
    return currencies[domain ?? ""] ?? [];
  });
  return new Set(found).size === 1 ? (found[0] ?? null) : null;
}
