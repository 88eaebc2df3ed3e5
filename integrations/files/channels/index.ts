/** The readers of channels' export files, in the order in which they are asked. */
import type { FileReader } from "../reading";

export const channelReaders: readonly FileReader[] = [];
