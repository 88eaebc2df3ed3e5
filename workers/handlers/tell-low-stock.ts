import { tellLowStock as tell } from "../../lib/low-stock";
import type { Handler } from "../registry";

export const tellLowStock: Handler<"tellLowStock"> = {
  run: async (_payload, { scope }) => {
    await tell(scope);
    return "done";
  },
};
