/**
 * What a page is while the database is away: 503 with when to come again, for people and machines. It stands alone, without the look's
 * style sheet or a script, as a restart of the whole machine may be why it is shown. It does not load itself anew: that takes a page away from
 * who reads it, or has it read out (WCAG 2.2.1).
 */
import { retryAfterSeconds } from "../lib/system/away";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Back in a moment · Lotbook</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; background: light-dark(#fcfbf8, #191815); color: light-dark(#1e1c18, #ece7dc);
  font: 16px/1.5 ui-sans-serif, system-ui, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 480px; margin: 0 auto; padding: 64px 20px; }
h1 { font-size: 20px; margin: 0 0 12px; }
p { margin: 0 0 12px; color: light-dark(#57524a, #b8b1a3); }
a { color: light-dark(#17594a, #82c5a9); }
</style>
</head>
<body>
<main>
<h1>Your books cannot be reached just now</h1>
<p>The database is restarting or cannot be reached. What was saved is safe, and work that is under way goes on where it was.</p>
<p><a href="">Try again</a></p>
</main>
</body>
</html>
`;

/** The page, for the address that was asked for; `HEAD` gets its head alone. */
export function awayPage(method: string): Response {
  return new Response(method === "HEAD" ? null : page, {
    status: 503,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "retry-after": retryAfterSeconds,
      "cache-control": "no-store",
    },
  });
}
