/**
 * Long work as a generator: each `next` is a slice, and between slices its thread is free for others. Whoever
 * starts it goes on until it is done, or returns the generator, and then nothing of it has happened.
 */

/** All slices, one after the other. */
export function finish<T>(slices: Generator<void, T>): T {
  for (;;) {
    const { done, value } = slices.next()
    if (done) return value
  }
}

// oxlint-disable-next-line require-yield -- There is nothing between one slice.
export function* oneSlice<T>(work: () => T): Generator<void, T> {
  return work()
}
