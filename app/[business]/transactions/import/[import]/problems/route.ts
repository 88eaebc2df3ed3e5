/** What is wrong with a file's rows, as CSV. */
import { answered } from "@/app/answer";
import { csvAnswer } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { type Import, importOf } from "@/lib/money/imports";

export const dynamic = "force-dynamic";

export function GET(
  request: Request,
  { params }: { params: Promise<{ business: string; import: string }> },
): Promise<Response> {
  return answered(request, async () => {
    const { business, import: id } = await params;
    const one = await importOf(await scopeOrRefusal(business), id);
    return csvAnswer(`problems-of-${one.fileName}`, rowsOf(one));
  });
}

async function* rowsOf(one: Import) {
  yield ["Row", "Column", "Code", "What is wrong"];
  for (const problem of one.result.problems) yield [problem.row, problem.column, problem.code, problem.message];
}
