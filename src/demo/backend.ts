/**
 * What the service remembers: rows and buckets, write checkpoints, known uploads, the secret of its tokens, and
 * in a directory the journal that brings all of it back.
 *
 * Invariant: every change goes the same way, whoever makes it: transaction, journal, store, listeners. What a
 * listener hears of is in the journal.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { WriteCheckpoints, type ClientKey } from './checkpoints.ts'
import { generateDataset, type DatasetOptions } from './dataset.ts'
import { noJournal, openJournal, type Author, type Journal, type JournalEntry } from './journal.ts'
import type { UploadRequest } from './requests.ts'
import { Store, type Commit } from './store.ts'
import { sources } from './streams.ts'
import { Transaction } from './transaction.ts'
import { applyUpload, checkTables, KnownUploads } from './uploads.ts'

export interface BackendOptions extends DatasetOptions {
  /** Created if absent; null keeps everything in memory. */
  readonly directory: string | null
  readonly onCommit: (commit: Commit) => void
  readonly onWriteCheckpoint: (client: ClientKey) => void
}

export class Backend {
  readonly store = new Store(sources)
  readonly secret: Uint8Array
  /** The number in front of bucket names. */
  readonly generation: number
  /** How many changes the simulation has made in earlier runs. */
  readonly simulatedBefore: number

  readonly #options: BackendOptions
  readonly #journal: Journal
  readonly #checkpoints = new WriteCheckpoints()
  readonly #uploads = new KnownUploads()

  /** Throws `JournalDamaged` when the directory holds a journal that cannot be read. */
  constructor(options: BackendOptions) {
    this.#options = options
    this.store.commit(generateDataset(options))
    if (options.directory === null) {
      this.#journal = noJournal
      this.secret = randomBytes(32)
      this.generation = 1
      this.simulatedBefore = 0
      return
    }
    mkdirSync(options.directory, { recursive: true })
    this.secret = loadSecret(join(options.directory, 'secret'))
    const expected = { seed: options.seed, base: this.store.fingerprint() }
    const { journal, entries } = openJournal(join(options.directory, 'journal.jsonl'), expected)
    this.#journal = journal
    this.generation = journal.generation
    for (const entry of entries) this.#replay(entry)
    this.simulatedBefore = entries.filter(
      (entry) => entry.kind === 'commit' && entry.by === 'simulation',
    ).length
  }

  /** Runs a change and commits what it leaves behind. */
  write(by: Author, change: (transaction: Transaction) => void): void {
    const transaction = new Transaction(this.store, new Date().toISOString())
    change(transaction)
    const { changes } = transaction
    if (changes.length === 0) return
    this.#journal.append({ kind: 'commit', by, changes })
    this.#options.onCommit(this.store.commit(changes))
  }

  /**
   * Applies the transactions that are not known yet, in order; says how many there were of each sort. Throws the
   * 422 for the first that breaks a rule: those before it are done, it and those after it are not.
   */
  upload(userId: string, request: UploadRequest): { readonly applied: number; readonly repeated: number } {
    checkTables(request)
    const client = JSON.stringify([userId, request.client_id])
    let applied = 0
    for (const upload of request.transactions) {
      const { id } = upload
      if (this.#uploads.has(client, id)) continue
      const transaction = new Transaction(this.store, new Date().toISOString())
      applyUpload(transaction, upload)
      const { changes } = transaction
      this.#journal.append({ kind: 'commit', by: 'upload', changes, transaction: { client, id } })
      this.#uploads.add(client, id)
      this.#options.onCommit(this.store.commit(changes))
      applied += 1
    }
    return { applied, repeated: request.transactions.length - applied }
  }

  /** The client's latest write checkpoint. */
  writeCheckpoint(client: ClientKey): bigint | undefined {
    return this.#checkpoints.get(client)
  }

  /** Raises the client's write checkpoint to `wanted`, or by one; gives what it is then, never less. */
  requestCheckpoint(client: ClientKey, wanted?: bigint): bigint {
    const latest = this.#checkpoints.get(client) ?? 0n
    const id = wanted ?? latest + 1n
    if (id <= latest) return latest
    this.#journal.append({ kind: 'write_checkpoint', ...client, id: String(id) })
    this.#checkpoints.raise(client, id)
    this.#options.onWriteCheckpoint(client)
    return id
  }

  close(): void {
    this.#journal.close()
  }

  #replay(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'commit':
        this.store.commit(entry.changes)
        if (entry.transaction) this.#uploads.add(entry.transaction.client, entry.transaction.id)
        break
      case 'write_checkpoint':
        this.#checkpoints.raise(entry, BigInt(entry.id))
        break
    }
  }
}

/** The secret is kept, so that tokens outlive a restart. */
function loadSecret(path: string): Uint8Array {
  try {
    const secret = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex')
    if (secret.length === 32) return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(32)
  writeFileSync(path, `${secret.toString('hex')}\n`, { mode: 0o600 })
  return secret
}
