import { fetchRates as fetch } from "../../lib/money/rate-fetches";
import type { Handler } from "../registry";

export const fetchRates: Handler<"fetchRates"> = {
  run: async (_payload, { scope, signal }) => {
    await fetch(scope, signal);
    return "done";
  },
};
