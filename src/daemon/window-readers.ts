/**
 * The process that reads for windows, which knows one schema: with another schema comes another process. The one
 * before answers what it was asked, and goes. After `close` nothing starts any more.
 */
import type { ReadProcess } from '../engine/read-process/open.ts'
import type { Schema } from '../schema/schema.ts'

interface Generation {
  readonly process: ReadProcess
  /** Questions without an answer. */
  asked: number
}

export class WindowReaders implements ReadProcess {
  readonly #open: (schema: Schema) => ReadProcess
  /** Those that are not closed; the last one is asked. */
  readonly #generations = new Set<Generation>()
  #current: Generation
  #closed = false

  constructor(open: (schema: Schema) => ReadProcess, schema: Schema) {
    this.#open = open
    this.#current = this.#begin(schema)
  }

  query(...question: Parameters<ReadProcess['query']>): ReturnType<ReadProcess['query']> {
    return this.#ask((process) => process.query(...question))
  }

  watch(...question: Parameters<ReadProcess['watch']>): ReturnType<ReadProcess['watch']> {
    return this.#ask((process) => process.watch(...question))
  }

  rehearse(...question: Parameters<ReadProcess['rehearse']>): ReturnType<ReadProcess['rehearse']> {
    return this.#ask((process) => process.rehearse(...question))
  }

  /** Questions from now on are about this schema. */
  use(schema: Schema): void {
    if (this.#closed) return
    const before = this.#current
    this.#current = this.#begin(schema)
    void this.#endIfIdle(before)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#generations].map(({ process }) => process.close()))
  }

  #begin(schema: Schema): Generation {
    const generation = { process: this.#open(schema), asked: 0 }
    this.#generations.add(generation)
    return generation
  }

  async #ask<T>(question: (process: ReadProcess) => Promise<T>): Promise<T> {
    const generation = this.#current
    generation.asked++
    try {
      return await question(generation.process)
    } finally {
      generation.asked--
      void this.#endIfIdle(generation)
    }
  }

  async #endIfIdle(generation: Generation): Promise<void> {
    if (generation === this.#current || generation.asked > 0) return
    await generation.process.close()
    this.#generations.delete(generation)
  }
}
