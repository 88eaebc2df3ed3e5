"use client";

import { turnTheme } from "./theme-action";

/** Light or dark. At once with script, by a form without it; the cookie keeps it for the server's next page. */
export function ThemeToggle() {
  return (
    <form
      action={turnTheme}
      onSubmit={(event) => {
        event.preventDefault();
        const root = document.documentElement;
        const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
        const next = now === "dark" ? "light" : "dark";
        root.dataset.theme = next;
        // biome-ignore lint/suspicious/noDocumentCookie: Cookie Store is not everywhere yet
        document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
      }}
    >
      <button type="submit">Light or dark</button>
    </form>
  );
}
