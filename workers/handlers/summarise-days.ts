import { summariseDays as summarise } from "../../lib/books/summarise-days";
import type { Handler } from "../registry";

export const summariseDays: Handler<"summariseDays"> = {
  run: async (_payload, { scope, signal }) => ((await summarise(scope, signal)).isDone ? "done" : "again"),
};
