"use client";

import { Button } from "./ui/button";

/** A fault of ours while a page was made. The reference is the one that stands in the log. */
export default function Fault({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div className="mx-auto grid max-w-[480px] gap-3 px-5 py-16">
      <h1>This is our fault</h1>
      <p className="q">
        The page could not be made. Nothing was changed, and the fault is written down
        {error.digest ? (
          <>
            {" "}
            under <span className="n">{error.digest}</span>
          </>
        ) : null}
        .
      </p>
      <form action={reset}>
        <Button>Try again</Button>
      </form>
    </div>
  );
}
