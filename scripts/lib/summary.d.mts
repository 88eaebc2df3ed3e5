/** Types of summary.mjs, which runs on plain Node. */
export type Report = Readonly<{
  testResults: readonly Readonly<{
    name: string;
    status: string;
    message?: string;
    assertionResults: readonly Readonly<{ status: string; fullName: string }>[];
  }>[];
}>;
export function summaryOf(
  results: Report | null,
  run: Readonly<{ code: number; isWhole: boolean; root: string }>,
): Readonly<{ passed: number; failed: number; skipped: number; problems: readonly string[] }>;
