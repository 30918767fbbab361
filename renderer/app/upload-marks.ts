/** Which rows have changes that the service does not have, pure. */

/** `pending`: on this computer only. `refused`: the service will not have it as it is. */
export type Mark = 'pending' | 'refused'

export interface PendingRow {
  readonly table: string
  readonly rowId: string
  readonly transactionId: number
}

export interface Marks {
  of(table: string, rowId: string): Mark | null
}

/** `held`: the transaction that was refused. A row with both is refused: that is what needs somebody. */
export function marksOf(entries: readonly PendingRow[], held: number | null): Marks {
  const marks = new Map<string, Mark>()
  for (const { table, rowId, transactionId } of entries) {
    const key = `${table}/${rowId}`
    if (transactionId === held) marks.set(key, 'refused')
    else if (!marks.has(key)) marks.set(key, 'pending')
  }
  return { of: (table, rowId) => marks.get(`${table}/${rowId}`) ?? null }
}

export function markWords(mark: Mark): string {
  switch (mark) {
    case 'pending':
      return 'Not sent yet'
    case 'refused':
      return 'Refused by the service'
  }
}
