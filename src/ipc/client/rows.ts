/**
 * Rows that did not change keep their identity from one result to the next, so that React renders only those
 * that did.
 */
import type { Row, SqlValue } from '../../daemon/daemon.ts'

/**
 * `after`, with every row that equals the row of the same `id` in `before` replaced by that one. When nothing
 * differs at all, `before` itself. Rows without an `id` are compared by position.
 */
export function keepRows(before: readonly Row[], after: readonly Row[]): readonly Row[] {
  const byId = new Map(before.map((row) => [row['id'], row]))
  let same = before.length === after.length
  const kept = after.map((row, index) => {
    const earlier = row['id'] === undefined ? before[index] : byId.get(row['id'])
    const result = earlier !== undefined && isSameRow(earlier, row) ? earlier : row
    if (result !== before[index]) same = false
    return result
  })
  return same ? before : kept
}

function isSameRow(a: Row, b: Row): boolean {
  const columns = Object.keys(a)
  return (
    columns.length === Object.keys(b).length && columns.every((column) => isSameValue(a[column], b[column]))
  )
}

export function isSameValue(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, index) => byte === b[index])
  }
  return Object.is(a, b)
}
