/**
 * Write checkpoints: one counter for each user and client, raised by either endpoint, told on the client's
 * streams. Invariant: a counter never goes down.
 */
export interface ClientKey {
  readonly userId: string
  /** Empty for a client that did not say: such requests are kept per user. */
  readonly clientId: string
}

export class WriteCheckpoints {
  readonly #latest = new Map<string, bigint>()

  get(client: ClientKey): bigint | undefined {
    return this.#latest.get(keyOf(client))
  }

  /** Raises the client's id; a lower one changes nothing. */
  raise(client: ClientKey, id: bigint): void {
    if (id > (this.get(client) ?? 0n)) this.#latest.set(keyOf(client), id)
  }
}

function keyOf({ userId, clientId }: ClientKey): string {
  return JSON.stringify([userId, clientId])
}
