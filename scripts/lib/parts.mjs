// The parts of a running Lotbook as processes: started in groups of their own, so that Ctrl-C in the terminal reaches
// only the start script and the parts are stopped in order; known again after a start script was killed.

import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { isAlive } from "./postgres.mjs";

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const KEEP_LOG_BYTES = 10_000_000;

/** When a process began, as a word that no later process with its number has; null when there is none. */
export function birthOf(pid) {
  if (!isAlive(pid)) return null;
  if (existsSync("/proc/self/stat")) {
    try {
      // Fields are counted after the last ")": the name before it may hold spaces.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z") return null;
      return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${fields[19]}`;
    } catch (error) {
      if (error.code === "ENOENT" || error.code === "ESRCH") return null;
      throw error;
    }
  }
  return spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim() || null;
}

/** A process's number with its birth: what can be written down and recognised later. */
export function recordOf(pid) {
  return { pid, birth: birthOf(pid) };
}

/** Is this the very process that was written down? */
export function isSame(record) {
  return record?.birth != null && birthOf(record.pid) === record.birth;
}

/** Starts a part; what it says goes to its log, which a later start can read and which outlives us. */
export function startPart({ name, program, args, cwd, env, logFile }) {
  if (existsSync(logFile) && statSync(logFile).size > KEEP_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, "a", 0o600);
  const began = statSync(logFile).size;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const part = { name, pid: child.pid, ended: null, said: () => readFileSync(logFile, "utf8").slice(began) };
  part.end = new Promise((done) => {
    const finish = (how) => {
      part.ended = how;
      done(how);
    };
    child.once("error", (error) => finish(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => finish(signal ? `ended by ${signal}` : `ended with exit code ${code}`));
  });
  return part;
}

/** Asks a process group to stop, and makes it when it does not within the time given. */
export async function stopGroup(pid, graceMs) {
  if (!signalGroup(pid, "SIGTERM")) return;
  const end = Date.now() + graceMs;
  while (Date.now() < end) {
    if (birthOf(pid) === null) break;
    await sleep(25);
  }
  // Also for what a leader that went in time has left behind.
  signalGroup(pid, "SIGKILL");
  while (birthOf(pid) !== null) await sleep(25);
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (error.code === "ESRCH") return false;
    throw error;
  }
}
