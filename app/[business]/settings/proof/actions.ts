"use server";

import { z } from "zod";
import { proveBooks } from "@/lib/books/proof";
import { action } from "../../../act";

export const prove = action(z.strictObject({}), (scope) => proveBooks(scope), {
  done: (proof) =>
    proof === null
      ? "Asked for. The books are large: it takes some minutes."
      : proof.findings === 0
        ? "Proved: nothing is left over."
        : `Looked through: ${proof.findings} ${proof.findings === 1 ? "finding" : "findings"}.`,
});
