"use server";

import { cookies } from "next/headers";

/** Turns the theme without script: the cookie decides what the next page is drawn in. */
export async function turnTheme(): Promise<void> {
  const jar = await cookies();
  const next = jar.get("theme")?.value === "dark" ? "light" : "dark";
  jar.set("theme", next, { path: "/", maxAge: 60 * 60 * 24 * 365, sameSite: "lax" });
}
