/** The door to the tables. */
export * from "./books";
export * from "./counts";
export * from "./facts";
export * from "./gst";
export * from "./money";
export * from "./papers";
export * from "./people";
export * from "./recipes";
export * from "./registers";
export * from "./sales";
export * from "./stock";
export * from "./sums";
export * from "./system";
export * from "./transfers";
