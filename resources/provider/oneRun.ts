const memories: { clear(): void }[] = [];

/**
 * What resources remember to tell each other in one run of the engine: it asks all of them in one process, which ends with the
 * run. In a process that outlives one, `forgetRun()` begins the next.
 */
export function ofOneRun<Memory extends { clear(): void }>(memory: Memory): Memory {
  memories.push(memory);
  return memory;
}

/** Forgets what was remembered, as a new process would. */
export function forgetRun(): void {
  for (const memory of memories) memory.clear();
}
