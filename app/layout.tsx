import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import "./app.css";

export const metadata: Metadata = {
  title: { default: "Lotbook", template: "%s · Lotbook" },
  description: "The books of people who sell online, lot by lot.",
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f3f0e9" },
    { media: "(prefers-color-scheme: dark)", color: "#131210" },
  ],
};

/** The Latin file of Archivo, the same one that the style sheet names: asked for before the sheet is read. */
const archivo = new URL(
  "@fontsource-variable/archivo/files/archivo-latin-standard-normal.woff2",
  import.meta.url,
).toString();

/** The document itself. The theme is a cookie, so that the first byte has it and nothing flashes. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = (await cookies()).get("theme")?.value;
  return (
    <html lang="en" data-theme={theme === "light" || theme === "dark" ? theme : undefined} suppressHydrationWarning>
      <head>
        <link rel="preload" href={archivo} as="font" type="font/woff2" crossOrigin="anonymous" />
      </head>
      <body>{children}</body>
    </html>
  );
}
