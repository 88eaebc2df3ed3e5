/**
 * Session, membership, scope: the first line of every page, action and handler of a business. The business stands in the address; what
 * decides is the membership row, read at each request.
 */
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { Refusal } from "@/lib/core/errors";
import { isLimited, openBusiness, type Scope } from "@/lib/people/access";
import type { Person } from "@/lib/people/sessions";
import { readAfter } from "./after-write";
import { signedIn } from "./auth";

export type BusinessParams = Promise<Readonly<{ business: string }>>;

/** The path and query of this request, as proxy.ts has seen it; what a client sends under this name is written over there. */
export async function pathOfRequest(): Promise<string> {
  return (await headers()).get("x-lotbook-path") ?? "/";
}

const open = cache(
  async (userId: string, slug: string): Promise<Scope> => ({
    ...(await openBusiness(userId, slug)),
    ...(await readAfter()),
  }),
);

/**
 * For pages: the scope, or the way to the sign-in, or "not found", for a business of others as for one that is not there; and for who is
 * limited to some locations, so that a page is closed to them unless it says otherwise (`stockScopeOf`).
 */
export async function scopeOf(params: BusinessParams): Promise<Scope> {
  const scope = await stockScopeOf(params);
  if (isLimited(scope)) notFound();
  return scope;
}

/** The same for pages that people see who are limited to some locations: what they show comes from services that know it. */
export async function stockScopeOf(params: BusinessParams): Promise<Scope> {
  const { business } = await params;
  const person = await personOrSignIn();
  try {
    return await open(person.id, business);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

/** For pages outside a business: who is signed in, or the way to the sign-in, which leads back here. */
export async function personOrSignIn(): Promise<Person> {
  const person = await signedIn();
  if (person === null) redirect(`/sign-in?next=${encodeURIComponent(await pathOfRequest())}`);
  return person;
}

/** For actions and handlers: who is signed in, or the refusal `not_signed_in`. */
export async function personOrRefusal(): Promise<Person> {
  const person = await signedIn();
  if (person === null)
    throw new Refusal("not_signed_in", "You are signed out. Sign in again; what you typed is still here.");
  return person;
}

/** For handlers: the scope, or the refusal `not_signed_in` or `not_found`; the latter also for who is limited to some locations. */
export async function scopeOrRefusal(slug: string): Promise<Scope> {
  const scope = await stockScopeOrRefusal(slug);
  if (isLimited(scope)) throw new Refusal("not_found", "There is nothing here for who is limited to some locations.");
  return scope;
}

/** The same for handlers that answer people who are limited to some locations. */
export async function stockScopeOrRefusal(slug: string): Promise<Scope> {
  return open((await personOrRefusal()).id, slug);
}

/** For an action: the scope of the business whose page sent the form. What a limited person may do, the right that its service asks for decides. */
export async function scopeOfRequest(): Promise<Scope> {
  const path = await pathOfRequest();
  return stockScopeOrRefusal(decodeURIComponent(path.split(/[/?#]/)[1] ?? ""));
}
