/**
 * Uploads from clients. Invariant: a transaction of a client is applied once, whole, however often it is sent;
 * the client may repeat everything after a lost answer.
 */
import { invalid } from './refusal.ts'
import type { UploadRequest } from './requests.ts'
import { isTableName } from './tables.ts'
import type { Transaction } from './transaction.ts'

/** How many transaction ids are remembered for each client: far more than a client ever has in flight. */
const rememberedPerClient = 10_000

export class KnownUploads {
  readonly #byClient = new Map<string, Set<string>>()

  has(client: string, id: string): boolean {
    return this.#byClient.get(client)?.has(id) ?? false
  }

  add(client: string, id: string): void {
    const ids = this.#byClient.get(client) ?? new Set()
    this.#byClient.set(client, ids.add(id))
    for (const oldest of ids) {
      if (ids.size <= rememberedPerClient) break
      ids.delete(oldest)
    }
  }
}

/** Throws the 400 for the whole request when an entry names a table that the demo does not have. */
export function checkTables({ transactions }: UploadRequest): void {
  const problems = transactions.flatMap(({ crud }, t) =>
    crud.flatMap(({ type }, c) =>
      isTableName(type) ? [] : [`/transactions/${t}/crud/${c}/type: must be a table of the demo`],
    ),
  )
  if (problems.length > 0) throw invalid(problems)
}

export function applyCrud(
  transaction: Transaction,
  crud: UploadRequest['transactions'][number]['crud'],
): void {
  for (const { op, type, id, data } of crud) {
    if (!isTableName(type)) continue
    const values = Object.fromEntries(
      Object.entries(data).map(([column, value]) => [column, typeof value === 'boolean' ? +value : value]),
    )
    switch (op) {
      case 'PUT':
        transaction.put(type, id, values)
        break
      case 'PATCH':
        transaction.patch(type, id, values)
        break
      case 'DELETE':
        transaction.remove(type, id)
        break
    }
  }
}
