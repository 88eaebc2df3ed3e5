/** The jobs of a business that are not finished, but for the summing of days, which in tests is never due. */
import { sql } from "drizzle-orm";
import { asSystem, rowsOf } from "../../db/scope";
import type { Scope } from "../../lib/people/access";
import { until } from "./process";

type Row = { id: string; state: string; attempts: number; relayed: boolean };

export const outboxOf = (scope: Scope): Promise<readonly Row[]> =>
  asSystem("a test looks", (tx) =>
    rowsOf<Row>(
      tx,
      sql`select id, state, attempts, relayed_at is not null as relayed from app.outbox
          where business_id = ${scope.businessId} and job <> 'summariseDays'`,
    ),
  );
export const nothingLeft = (scope: Scope) =>
  until(
    "the outbox is empty",
    () => outboxOf(scope),
    (rows) => rows.length === 0,
  );
