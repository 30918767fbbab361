/**
 * Uploads from clients. Invariant: a transaction of a client is applied once, whole or not at all, however often it
 * is sent; the client may repeat everything after a lost answer.
 */
import { invalid, ruledOut } from './refusal.ts'
import type { UploadRequest } from './requests.ts'
import { brokenRule, type Change } from './rules.ts'
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

/** Throws the 422 for the first change that breaks a rule; nothing of its transaction may be kept then. */
export function applyUpload(
  transaction: Transaction,
  { id: transactionId, crud }: UploadRequest['transactions'][number],
): void {
  for (const { op, type: table, id, data } of crud) {
    if (!isTableName(table)) continue
    const values = withoutKept(transaction, {
      op,
      table,
      id,
      values: Object.fromEntries(Object.entries(data).map(stored)),
    })
    const broken = brokenRule(transaction, { op, table, id, values })
    if (broken !== null) throw ruledOut(broken.code, broken.message, transactionId)
    switch (op) {
      case 'PUT':
        transaction.put(table, id, values)
        break
      case 'PATCH':
        transaction.patch(table, id, values)
        break
      case 'DELETE':
        transaction.remove(table, id)
        break
    }
  }
}

function stored([column, value]: [string, string | number | boolean | null]) {
  return [column, typeof value === 'boolean' ? Number(value) : value] as const
}

/** What the service counts and dates by itself, clients only guess: a new issue may bring its dates. */
function withoutKept(transaction: Transaction, { op, table, id, values }: Change): Change['values'] {
  if (table !== 'issues' || op === 'DELETE') return values
  const { comment_count: _, ...rest } = values
  const old = transaction.row('issues', id)
  if (op === 'PUT')
    return old === undefined ? rest : { number: old.number, ...rest, comment_count: old.comment_count }
  const { number: _number, created_at: _created, updated_at: _updated, ...changed } = rest
  return changed
}
