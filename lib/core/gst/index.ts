/**
 * GST: what stands on invoices and notes by the law of their day, and the returns that follow from them (docs/decisions/0011-gst.md).
 * Without I/O: documents and rates go in, tables and the portal's file come out. This is the door; the rest of the product enters here.
 */
export { gstBegan, inForce, offeredRates } from "./dated";
export {
  type Amounts,
  amountsOf,
  counted,
  type GstDocument,
  type GstLine,
  type Nature,
  natures,
  nothing,
} from "./document";
export {
  type DocumentsIssued,
  type Given,
  type Gstr1,
  gstr1Of,
  type Hsn,
  issuedOf,
  nilKinds,
  standing,
  totalOf,
} from "./gstr1";
export {
  type CellName,
  cellWords,
  creditCells,
  type Gstr3b,
  gstr3bOf,
  type Inward,
  inputOf,
  inwardCells,
  inwardNatures,
  outwardCells,
} from "./gstr3b";
export { type ItemTax, invoiceLines, looseNoteLines, noteLines, offRate, untold } from "./invoice";
export { portalFile, portalPeriod, type Turnovers } from "./portal";
export { heldOn, outputAccounts, paperPostings } from "./posting";
export {
  byHsn,
  causeWords,
  type Explained,
  type HsnReconciled,
  type Moved,
  type Reconciled,
  type Reported,
  reconcile,
  type Side,
} from "./reconcile";
export { type SetOff, setOff, setOffPostings } from "./set-off";
export { abroad, stateName, stateOfDelivery, stateOfGstin, states, stateTaxName } from "./states";
export {
  isQuiet,
  type RecordMove,
  recordIn,
  recordOut,
  recordWords,
  type StockRecord,
  stockRecord,
} from "./stock-record";
export { isExport, placeOfSupply, type Supply, supplies, supplyNames } from "./supply";
export { parseRate, rateText, type TaxParts, taxSum } from "./tax";
export { unitOf, units } from "./units";
