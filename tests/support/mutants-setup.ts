/**
 * For mutation testing only: random runs that are the same each time, fewer of them (what these kill, more would kill too), and no
 * search for the shortest failure, which nobody reads.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: 1, numRuns: 20, endOnFailure: true });
