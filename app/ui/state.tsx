import type { ReactNode } from "react";
import { classes } from "./classes";

/** Filled dot: done. Ring: waiting. Open ring: at work. Diamond: wrong. */
export type StateKind = "done" | "waiting" | "work" | "wrong";

/** A state in words with its mark. The words carry it; the mark only helps to find it. */
export function State({ kind, children }: { kind: StateKind; children: ReactNode }) {
  return <span className={classes("st", kind !== "waiting" && kind)}>{children}</span>;
}
