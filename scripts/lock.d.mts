/** Types of lock.mjs, which runs on plain Node. */
type Entry = Readonly<{
  version?: string;
  os?: readonly string[];
  cpu?: readonly string[];
  libc?: readonly string[];
  optional?: boolean;
  optionalDependencies?: Readonly<Record<string, string>>;
}>;
export function platformOf(name: string): Pick<Entry, "os" | "cpu" | "libc">;
export function missingFrom(lock: Readonly<{ packages: Readonly<Record<string, Entry>> }>): Record<string, Entry>;
