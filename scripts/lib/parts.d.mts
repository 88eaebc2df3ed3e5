/** Types of parts.mjs, which runs on plain Node. */
export type Part = Readonly<{
  name: string;
  pid: number;
  /** How it ended; null while it runs. */
  ended: string | null;
  end: Promise<string>;
  /** What it has written to its log since it was started. */
  said: () => string;
}>;
export type ProcessRecord = Readonly<{ pid: number; birth: string | null }>;

export function birthOf(pid: number): string | null;
export function recordOf(pid: number): ProcessRecord;
export function isSame(record: ProcessRecord | undefined): boolean;
export function startPart(
  options: Readonly<{
    name: string;
    program: string;
    args: readonly string[];
    cwd: string;
    env: NodeJS.ProcessEnv;
    logFile: string;
  }>,
): Part;
export function stopGroup(pid: number, graceMs: number): Promise<void>;
