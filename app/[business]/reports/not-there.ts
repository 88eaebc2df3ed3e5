import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";

/** For a read that may be refused as not there: the page says "not found", as it does for what belongs to others. */
export function orNotFound(error: unknown): never {
  if (error instanceof Refusal && error.code === "not_found") notFound();
  throw error;
}
