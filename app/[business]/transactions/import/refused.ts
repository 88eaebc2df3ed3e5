/** Why a file was refused, told to the page that sent it: in a cookie of half a minute, so that no address can put words on our page. */
import { cookies } from "next/headers";
import type { Refusal } from "@/lib/core/errors";

const name = "lotbook-refused";

export function refusalCookie(path: string, refusal: Refusal): string {
  const value = encodeURIComponent(refusal.message.slice(0, 600));
  return `${name}=${value}; Path=${path}; Max-Age=30; HttpOnly; SameSite=Lax`;
}

/** The message, where the address says that there is one. */
export async function refusedMessage(refused: string | string[] | undefined): Promise<string | null> {
  if (refused === undefined) return null;
  const value = (await cookies()).get(name)?.value;
  if (value === undefined) return "The file could not be read. Choose it again.";
  // Next has decoded it once already where it was encoded once.
  return value.includes("%20") ? decodeURIComponent(value) : value;
}
