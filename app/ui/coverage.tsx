import type { ReactNode } from "react";
import { shareText, shareWidth } from "./figures";

/** The share that is known, drawn: bottle for known, kraft for the rest. Goes into a Tape term (`rest`) or stands alone. */
export function CoverageBar({ known, whole, says }: { known: bigint; whole: bigint; says: string }) {
  return (
    <span className="cover" role="img" aria-label={`${says} ${shareText(known, whole)}`}>
      <i style={{ width: shareWidth(known, whole) }} />
    </span>
  );
}

/** With its sentence above and, below, the count of what is missing, which is the link to the work. */
export function Coverage({
  known,
  whole,
  says,
  rest,
}: {
  known: bigint;
  whole: bigint;
  /** "Cost known for": the share follows. */
  says: string;
  rest?: ReactNode | undefined;
}) {
  return (
    <div className="note">
      <p className="s">
        {says} {shareText(known, whole)}
      </p>
      <div style={{ padding: "6px 0" }}>
        <CoverageBar known={known} whole={whole} says={says} />
      </div>
      {rest ? <p className="s">{rest}</p> : null}
    </div>
  );
}
