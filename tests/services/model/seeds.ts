/**
 * Runs that found something, kept: what went wrong is said with each, and each is run before any other. They are written as the commands
 * print themselves, so that they stay what they are when commands are added.
 */
import type { Step } from "./command";
import type { Settings } from "./shop";

export const kept: readonly Readonly<{ found: string; settings: Settings; steps: readonly Step[] }>[] = [];
