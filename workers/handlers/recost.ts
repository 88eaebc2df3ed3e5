import { recost as recostBooks } from "../../lib/books/recost";
import type { Handler } from "../registry";

export const recost: Handler<"recost"> = {
  run: async (_payload, { scope }) => {
    await recostBooks(scope);
    return "done";
  },
};
