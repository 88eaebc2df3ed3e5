/** Types of postgres.mjs, which is plain JavaScript because `npm start` runs it before anything is compiled. */

export const POSTGRES_MAJOR: number;

/** A running server: see postgres.mjs. */
export type Cluster = Readonly<{
  /** On 127.0.0.1. */
  port: number;
  pid: number;
  directory: string;
  reused: boolean;
  url: (database: string) => string;
  stop: () => Promise<void>;
}>;

export function startPostgres(
  options: Readonly<{
    root: string;
    directory: string;
    password: string;
    logFile: string;
    settings?: Readonly<Record<string, string>>;
    programs?: string | undefined;
  }>,
): Promise<Cluster>;
export function stopPostgres(pid: number): Promise<void>;
export function freePort(): Promise<number>;
export function isAlive(pid: number): boolean;
export function serverSettings(): Readonly<{
  shared_buffers: string;
  max_wal_size: string;
  autovacuum_naptime: string;
}>;
