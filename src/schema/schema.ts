/**
 * The app's tables as data. What a trace's `schema` step carries and what storage builds views from.
 */

export type ColumnType = 'text' | 'integer' | 'real'

export interface IndexSchema {
  readonly columns: readonly { readonly name: string; readonly descending?: boolean }[]
}

/** A synced (or local) table: an `id` text column, plus these columns, behind a view. */
export interface TableSchema {
  readonly columns: { readonly [name: string]: ColumnType }
  readonly indexes?: { readonly [name: string]: IndexSchema }
  /** Never synced, never uploaded. Default false. */
  readonly localOnly?: boolean
  /** Written and uploaded, never read back. Default false. */
  readonly insertOnly?: boolean
  /** Name of the view; default the table's name. */
  readonly viewName?: string
}

export interface Schema {
  readonly tables: { readonly [name: string]: TableSchema }
}
