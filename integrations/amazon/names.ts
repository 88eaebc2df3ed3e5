/** What settlement documents are called, where they are made and where they are read. */

/** Before the file reader's own id of a document, which the facts' ids are made of. */
export const ownPrefix = "api/";
/** A document of a file that says nothing. */
export const silentPart = "silent";
