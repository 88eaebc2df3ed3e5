/** The pages that a person sees when they are sent to the practice market to sign in. No script, nothing from elsewhere. */

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

const frame = (title: string, inside: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Practice Market</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 15px/1.5 ui-sans-serif, system-ui, sans-serif; background: light-dark(#f3f0e9, #131210); color: light-dark(#1e1c18, #ece7dc); }
main { box-sizing: border-box; width: min(420px, calc(100vw - 32px)); padding: 28px; border: 1px solid light-dark(#cbc4b6, #4a463e); border-radius: 6px; background: light-dark(#fff, #211f1b); }
h1 { margin: 0 0 12px; font-size: 20px; line-height: 28px; }
p, ul { margin: 0 0 12px; }
ul { padding-left: 20px; }
form { display: flex; gap: 12px; margin-top: 20px; }
button { flex: 1; min-height: 44px; font: inherit; font-weight: 600; border-radius: 4px; border: 1px solid light-dark(#17594a, #82c5a9); background: transparent; color: inherit; cursor: pointer; }
button[value="allow"] { background: light-dark(#17594a, #82c5a9); color: light-dark(#fff, #10211a); }
button:focus-visible { outline: 2px solid light-dark(#17594a, #82c5a9); outline-offset: 2px; }
.small { font-size: 13px; color: light-dark(#57524a, #b8b1a3); }
</style>
</head>
<body><main>${inside}</main></body>
</html>
`;

/** Asks the person. What comes from the address is escaped and sent back in hidden fields. */
export function consentPage(shop: string, back: URL, fields: Readonly<Record<string, string>>): string {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  return frame(
    "Allow Lotbook?",
    `<h1>Allow Lotbook to read Practice Market?</h1>
<p>Lotbook asks to read the shop <strong>${escaped(shop)}</strong>:</p>
<ul><li>products</li><li>orders and refunds</li><li>balance and payouts</li></ul>
<p class="small">It cannot change anything. You go back to ${escaped(back.host)}. This market is for practice: its shop, orders and money are made up.</p>
<form method="post" action="/oauth/authorize">${hidden.join("")}
<button name="decision" value="deny">Deny</button>
<button name="decision" value="allow">Allow</button>
</form>`,
  );
}

/** Something in the address is wrong; there is nowhere safe to send the person back to. */
export function wrongPage(why: string): string {
  return frame(
    "That did not work",
    `<h1>That did not work</h1><p>${escaped(why)}</p><p>Go back to Lotbook and begin again.</p>`,
  );
}

/** What a marketplace shows when it is down; served in the place of JSON by the fault "html". */
export const maintenancePage = frame("Back soon", "<h1>Back soon</h1><p>Practice Market is being looked after.</p>");
