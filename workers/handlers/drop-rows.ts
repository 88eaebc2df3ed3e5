import { dropRows as dropRowsOf } from "../../lib/people/businesses";
import type { Handler } from "../registry";

export const dropRows: Handler<"dropRows"> = {
  // It is asked for by what throws a business away: where that is still there, nothing is to be done.
  run: async () => "done",
  gone: ({ business }) => dropRowsOf(business),
};
