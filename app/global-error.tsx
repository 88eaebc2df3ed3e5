"use client";

import "./app.css";

/** The last resort: the document itself could not be made. Its link loads anew: the router may be what failed. */
export default function LastResort({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <main className="mx-auto grid max-w-[480px] gap-3 px-5 py-16">
          <title>Our fault · Lotbook</title>
          <h1>This is our fault</h1>
          <p>Nothing was changed, and the fault is written down{error.digest ? ` under ${error.digest}` : ""}.</p>
          <p>
            <a href="/">Load Lotbook again</a>
          </p>
        </main>
      </body>
    </html>
  );
}
