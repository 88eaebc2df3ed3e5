/** Types of build.mjs, which runs on plain Node. */
import type { ChildProcess } from "node:child_process";

export function hashOf(root: string): string;
export function build(
  options: Readonly<{ root: string; node: string; env: NodeJS.ProcessEnv; children?: Set<ChildProcess> }>,
): Promise<string>;
