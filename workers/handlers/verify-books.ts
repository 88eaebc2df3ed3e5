import { verifyBooks as verify } from "../../lib/books/verify";
import type { Handler } from "../registry";

export const verifyBooks: Handler<"verifyBooks"> = {
  run: async (_payload, { scope }) => {
    await verify(scope, { isBehind: true });
    return "done";
  },
};
