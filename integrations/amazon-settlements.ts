/**
 * Amazon's settlements, for both who meet them: a file that a person brings and a report that the API gives are the same text, and must
 * come to the same documents with the same ids. The rules stay with the file reader, which works without any connection; this is the one
 * door to them for the connector, since a connector imports no other folder.
 */
export { categoryOf, isRefund } from "./files/channels/amazon-components";
export { interpretAmazonSettlement, saleElsewhere } from "./files/channels/amazon-facts";
export { amazonSettlement, layouts as settlementLayouts } from "./files/channels/amazon-settlement";
export { balanceRow, bodyOf, chargeWithRow, fileDocument } from "./files/channels/document";
