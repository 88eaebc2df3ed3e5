/**
 * Read-your-writes where reports are read at a replica: who has written carries, in a cookie, how far the database's log was then, and
 * is shown nothing older (db/reading.ts). Without a replica there is no cookie.
 */
import { cookies } from "next/headers";
import { log } from "@/lib/system/log";
import { isLogPlace, lastWrite } from "@/lib/system/replica";

const name = "lotbook-after";
/** A replica that is further behind than this is out of order, and who looks after it is told so by its own monitoring. */
const maxAge = 86_400;

/** Called after a person's change was committed. */
export async function rememberWrite(): Promise<void> {
  try {
    const place = await lastWrite();
    if (place !== null) (await cookies()).set(name, place, { httpOnly: true, sameSite: "lax", path: "/", maxAge });
  } catch (error) {
    // What was asked for is done: that the next page may be a little old must not make it look as if it were not.
    log().warn({ err: error }, "it could not be noted how far the database's log is");
  }
}

/** What the reader of this request must see, for their scope. */
export async function readAfter(): Promise<Readonly<{ readAfter?: string }>> {
  const place = (await cookies()).get(name)?.value;
  return place !== undefined && isLogPlace(place) ? { readAfter: place } : {};
}
